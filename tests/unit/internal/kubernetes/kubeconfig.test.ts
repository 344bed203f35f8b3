import assert from "node:assert/strict";
import { merged, parseKubeconfig, selected } from "../../../../src/internal/kubernetes/kubeconfig";

const parse = (text: string) => parseKubeconfig(text, "the kubeconfig FILE", "/folder");

/** The server and token that a context leads to. */
function chosen(texts: readonly string[], context?: string): string {
  const { cluster, user } = selected(merged(texts.map(parse)), context);
  return [cluster.text("server"), user?.text("token") ?? "nobody"].join(" ");
}

const FIRST = `
current-context: a
clusters: [{ name: one, cluster: { server: https://first } }]
users: [{ name: me, user: { token: t1 } }]
contexts:
  - { name: a, context: { cluster: one, user: me } }
  - { name: anonymous, context: { cluster: one } }
`;
const SECOND = `
current-context: b
clusters: [{ name: one, cluster: { server: https://hidden, tls-server-name: hidden } }, { name: two, cluster: { server: https://second } }]
users: [{ name: me, user: { token: hidden } }, { name: you, user: { token: t2 } }]
contexts: [{ name: a, context: { cluster: two, user: you } }, { name: b, context: { cluster: two, user: you } }, { name: mixed, context: { cluster: two, user: me } }]
`;

describe("a kubeconfig", () => {
  const leading: [string, string[], string | undefined, string][] = [
    ["its current context", [FIRST], undefined, "https://first t1"],
    ["a context by its name, without a user", [FIRST], "anonymous", "https://first nobody"],
    ["the first current context of several", [FIRST, SECOND], undefined, "https://first t1"],
    ["the first entry of a name", [SECOND, FIRST], "a", "https://second t2"],
    ["what only a later one has", [FIRST, SECOND], "b", "https://second t2"],
    ["a cluster of one and the user of another", [FIRST, SECOND], "mixed", "https://second t1"],
    ["a current context after an empty file", ["", "# nothing\n", "users:\n", FIRST], undefined, "https://first t1"],
    ["the same in JSON", [JSON.stringify({ ...json("https://json", "t3") })], undefined, "https://json t3"],
    [
      "a token of digits as it stands, with anchors and merges",
      [
        FIRST.replace("token: t1", "token: 00123456789012345678901").replace(
          "{ server: https://first }",
          "{ <<: &all { server: https://merged }, proxy-url: x }",
        ),
      ],
      undefined,
      "https://merged 00123456789012345678901",
    ],
  ];
  for (const [name, texts, context, expected] of leading) {
    it(`leads to ${name}`, () => assert.equal(chosen(texts, context), expected));
  }

  it("keeps an entry whole: what a later one of its name has beside it is not there", () => {
    const { cluster } = selected(merged([parse(FIRST), parse(SECOND)]));
    assert.equal(cluster.text("tls-server-name"), undefined);
  });

  it("has paths that are relative to its folder", () => {
    const { user } = selected(
      parse(FIRST.replace("token: t1", "client-key: ../k, client-certificate: /c, tokenFile: t")),
    );
    assert.deepEqual(
      [user?.pem("client-key")?.file, user?.pem("client-certificate")?.file, user?.path("tokenFile")],
      ["/k", "/c", "/folder/t"],
    );
  });

  const refused: [string, string, string | undefined, RegExp][] = [
    ["no such context", FIRST, "c", /^the kubeconfig has no context "c"; it has a, anonymous$/],
    ["no context at all", "{}", "c", /^the kubeconfig has no context "c"; it has none$/],
    ["no current context", FIRST.replace("current-context: a", ""), undefined, /no current context; it has a, anony/],
    [
      "a context without its cluster",
      FIRST.replace("name: one", "name: x"),
      undefined,
      /no cluster for its context "a"/,
    ],
    [
      "a context without its user",
      FIRST.replace("name: me", "name: x"),
      undefined,
      /no user "me", whom its context "a"/,
    ],
    ["two of a name", FIRST.replace("anonymous", "a"), undefined, /^the kubeconfig FILE has two contexts called "a"/],
    ["an entry without a name", FIRST.replace("name: one,", ""), undefined, /^clusters\[0\] of .* has no name$/],
    [
      "a list that is none",
      "clusters: { a: 1 }",
      undefined,
      /^clusters of the kubeconfig FILE is wrong: a list of obj/,
    ],
    ["another document", "just text", undefined, /^the kubeconfig FILE is not a kubeconfig: an object with clusters/],
    ["broken YAML", "users: hunter2: hunter2", undefined, /neither YAML nor JSON: line 1, column 8 \(\w+\)$/],
    ["an alias of nothing", "users: *hunter2", undefined, /the kubeconfig FILE is not valid YAML/],
    ["broken JSON", '{"users": "hunter2', undefined, /neither YAML nor JSON: line 1, column \d+ \(\w+\)$/],
    ["a truth as a token", FIRST.replace("t1", "true"), undefined, /^token of user "me" of the .* a text is needed/],
  ];
  for (const [name, text, context, problem] of refused) {
    it(`is refused with ${name}, and no secret is said`, () =>
      assert.throws(
        () => chosen([text], context),
        ({ message }: Error) => {
          assert.match(message, problem);
          return !message.includes("hunter2");
        },
      ));
  }
});

function json(server: string, token: string): object {
  return {
    "current-context": "j",
    clusters: [{ name: "j", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "j", user: { token } }],
    contexts: [{ name: "j", context: { cluster: "j", user: "j", namespace: null } }],
  };
}
