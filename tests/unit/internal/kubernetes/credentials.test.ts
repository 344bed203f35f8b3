import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubernetesApi } from "../../../../src/internal/kubernetes/api";
import { listening } from "../http/listening";
import { NEVER, SecuredServer, base64, complaintOf, kubeconfigOf } from "./securedServer";

describe("as whom the API server is asked", () => {
  let folder: string;
  let server: SecuredServer;
  let opened: KubernetesApi[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "credentials-"));
    server = await SecuredServer.start();
    opened = [];
  });
  afterEach(async () => {
    opened.forEach((api) => api.close());
    await server.close();
    await rm(folder, { recursive: true });
  });

  async function api(user: object, cluster: object = server.cluster): Promise<KubernetesApi> {
    const file = join(folder, "kubeconfig");
    await writeFile(file, kubeconfigOf(cluster, user));
    const made = await KubernetesApi.of({ kubeconfig: file });
    opened.push(made);
    return made;
  }
  const told = async (user: object) => {
    await (await api(user)).text("/version", NEVER);
    return server.last.headers;
  };

  const idToken = `x.${Buffer.from(JSON.stringify({ exp: Date.now() / 1000 + 600 })).toString("base64url")}.y`;
  const proofs: [string, object, string | undefined][] = [
    ["nobody", {}, undefined],
    ["a token", { token: "t1" }, "Bearer t1"],
    ["a token of a file", { tokenFile: "token" }, "Bearer of-file"],
    ["a token of a file, before that in the kubeconfig", { tokenFile: "token", token: "t1" }, "Bearer of-file"],
    ["a token in the kubeconfig while there is no file", { tokenFile: "none", token: "t1" }, "Bearer t1"],
    ["a user and password", { username: "ü", password: "p:w" }, `Basic ${base64("ü:p:w")}`],
    ["a user without a password", { username: "u" }, `Basic ${base64("u:")}`],
    ["an id-token", { "auth-provider": { name: "oidc", config: { "id-token": idToken } } }, `Bearer ${idToken}`],
    [
      "an id-token that says no end",
      { "auth-provider": { name: "oidc", config: { "id-token": "odd" } } },
      "Bearer odd",
    ],
  ];
  for (const [name, user, expected] of proofs) {
    it(`is proved with ${name}`, async () => {
      await writeFile(join(folder, "token"), "of-file\n");
      assert.equal((await told(user)).authorization, expected);
    });
  }

  it("can be somebody else for whom the user may act", async () => {
    const headers = await told({
      token: "t",
      as: "jane",
      "as-uid": "7",
      "as-groups": ["a", "b"],
      "as-user-extra": { "acme.com/x": ["1", "2"] },
    });
    assert.deepEqual(
      ["user", "uid", "group", "extra-acme.com%2fx"].map((name) => headers[`impersonate-${name}`]),
      ["jane", "7", "a, b", "1, 2"],
    );
    assert.equal(headers.authorization, "Bearer t");
  });

  it("is proved with the token that its file holds by now, or held last", async () => {
    const file = join(folder, "token");
    await writeFile(file, "one");
    const made = await api({ tokenFile: "token" });
    await made.text("/version", NEVER);
    await writeFile(file, "two");
    await made.text("/version", NEVER);
    await rm(file);
    await made.text("/version", NEVER);
    assert.deepEqual(
      server.seen.map(({ headers }) => headers.authorization),
      ["Bearer one", "Bearer two", "Bearer two"],
    );
    assert.equal(server.connections, 1);
  });

  it("is proved by a pod's account with its token and authority", async () => {
    const ofPods = await SecuredServer.start([], "localhost");
    try {
      await writeFile(join(folder, "token"), "of-pod");
      await writeFile(join(folder, "ca.crt"), ofPods.certificate.cert);
      const env = { HOME: folder, KUBERNETES_SERVICE_HOST: "localhost", KUBERNETES_SERVICE_PORT: `${ofPods.port}` };
      for (const expected of [/^no complaint$/, /cannot be reached: self-signed/]) {
        const made = await KubernetesApi.of({}, { env, serviceAccount: folder, terminal: false });
        opened.push(made);
        const said = await complaintOf(made.text("/version", NEVER));
        assert.match(said, expected);
        await rm(join(folder, "ca.crt"), { force: true });
      }
      assert.deepEqual(
        ofPods.seen.map(({ headers }) => headers.authorization),
        ["Bearer of-pod"],
      );
    } finally {
      await ofPods.close();
    }
  });

  it("is not proved to a server of plain HTTP", async () => {
    const seen: IncomingHttpHeaders[] = [];
    const plain = await listening(({ headers }, response) => {
      seen.push(headers);
      response.end("{}");
    });
    try {
      const made = await api({ token: "t", as: "jane" }, { server: `${plain.url}/` });
      assert.deepEqual(await made.json("/version", NEVER), {});
      assert.equal(made.server, plain.url);
      assert.deepEqual([seen[0].authorization, seen[0]["impersonate-user"]], [undefined, undefined]);
    } finally {
      await plain.close();
    }
  });

  const wrong: [string, object, RegExp][] = [
    [
      "a file that is not there",
      { tokenFile: "none" },
      /tokenFile of user "dev" of the kubeconfig \S+ cannot be read: EN/,
    ],
    ["an empty file", { tokenFile: "empty" }, /tokenFile of user "dev" of the kubeconfig \S+ is empty: \S+empty$/],
    ["a token of two lines", { token: "hunter2\nx" }, /the token of user "dev" of the kubeconfig \S+ cannot be sent/],
  ];
  for (const [name, user, problem] of wrong) {
    it(`is not known with ${name}`, async () => {
      await writeFile(join(folder, "empty"), "\n");
      const said = await complaintOf((await api(user)).text("/version", NEVER));
      assert.match(said, problem);
      assert.match(said, /^the API server at https:\S+ cannot be reached: /);
      assert.doesNotMatch(said, /hunter2/);
      assert.equal(server.seen.length, 0);
    });
  }

  it("is told to nobody when it is refused", async () => {
    server.statusOf = () => 401;
    const said = await complaintOf((await api({ token: "hunter2" })).text("/version?q=hunter2", NEVER));
    assert.equal(said, "the API server answered 401 to GET /version: seen 2");
  });

  it("is asked below the server's own path", async () => {
    const made = await api({}, { ...server.cluster, server: `${server.url}/k8s/clusters/c1/` });
    await made.text("/version?x=1", NEVER);
    assert.equal(server.last.path, "/k8s/clusters/c1/version?x=1");
    assert.equal(made.server, `${server.url}/k8s/clusters/c1`);
  });

  it("is asked no longer than the signal lets it, and no more after the end", async () => {
    const made = await api({});
    await assert.rejects(made.text("/version", AbortSignal.abort(new Error("stop"))), /^Error: stop$/);
    server.statusOf = () => (made.close(), 200);
    assert.match(await complaintOf(made.text("/version", NEVER)), /cannot be reached: socket hang up/);
  });
});
