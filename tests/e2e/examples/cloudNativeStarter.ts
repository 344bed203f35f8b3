import assert from "node:assert/strict";
import { sendMany } from "../../../demo/load/generator";
import { ask } from "../support/client";
import type { ExampleUnderTest } from "../support/example";
import { assertSharesOf, pause, untilAnswered } from "../support/traffic";

/** What the example promises; it is up. */
export function cloudNativeStarter(given: () => { example: ExampleUnderTest; host: string }): void {
  describe("cloud-native-starter", () => {
    let example: ExampleUnderTest;
    let url: string;
    let headers: { host: string };

    before(async () => {
      const { example: up, host } = given();
      example = up;
      headers = { host };
      url = await example.output("url");
      for (const path of ["/", "/articles/", "/authors/", "/web-api/"]) {
        await untilAnswered({ url: `${url}${path}`, headers });
      }
    });

    const versionsAt = async (path: string) => [
      ...new Set(
        (await sendMany(30, { url: `${url}${path}`, headers })).map(({ status, version }) => `${status} ${version}`),
      ),
    ];
    const api = () => sendMany(500, { url: `${url}/web-api/v1/articles?amount=10`, headers });

    it("shares the API's requests 80 to 20", () => assertSharesOf(api, { "web-api-v1": 80, "web-api-v2": 20 }));

    it("sends all other paths straight to a service of one version, through the same gateway", async () => {
      assert.deepEqual(await versionsAt("/articles/latest"), ["200 articles-v1"]);
      assert.deepEqual(await versionsAt("/authors/by-name?name=a"), ["200 authors-v1"]);
      for (const path of ["/", "/index.html", "/web-api", "/articles"]) {
        assert.deepEqual(await versionsAt(path), ["200 web-app-v1"], path);
      }
      assert.equal(JSON.parse((await ask(`${url}/articles/latest`, headers)).body).path, "/articles/latest");
    });

    it("shares the API's anew after one update, and leaves the other services' alone", async () => {
      const done = await example.follow("pulumi config set weight 50 && pulumi up");
      assert.deepEqual(
        done.map(({ op, name }) => `${op} ${name}`),
        ["update web-api-routes"],
      );
      await pause(1000);
      await assertSharesOf(api, { "web-api-v1": 50, "web-api-v2": 50 });
      assert.deepEqual(await versionsAt("/authors/"), ["200 authors-v1"]);
    });
  });
}
