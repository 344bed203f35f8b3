import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { findTarget } from "../../../../src/internal/kubernetes/target";
import { base64, complaintOf, kubeconfigOf } from "./securedServer";

describe("the cluster that is meant", () => {
  let folder: string;
  const IN_POD = { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "target-"));
    for (const each of ["home/.kube", "empty", "account", "bare"]) {
      await mkdir(join(folder, each), { recursive: true });
    }
    const files: Record<string, string> = {
      "home/.kube/config": kubeconfigOf({ server: "https://home" }),
      one: kubeconfigOf({ server: "https://one", "certificate-authority": "ca.pem" }),
      two: kubeconfigOf({ server: "https://two" }).replaceAll("dev", "two"),
      [`a${delimiter}b`]: kubeconfigOf({ server: "https://parted" }),
      broken: "users: hunter2: hunter2",
      "account/token": "t",
      "account/ca.crt": "c",
      "bare/token": "t",
    };
    for (const [file, content] of Object.entries(files)) {
      await writeFile(join(folder, file), content);
    }
  });
  after(() => rm(folder, { recursive: true }));

  const at = (...files: string[]) => files.map((file) => join(folder, file)).join(delimiter);
  const find = (env: NodeJS.ProcessEnv, kubeconfig?: string, context?: string, account = "nowhere") =>
    findTarget(
      { kubeconfig, context },
      { env: { HOME: join(folder, "empty"), ...env }, serviceAccount: join(folder, account) },
    );

  interface Case {
    env?: () => NodeJS.ProcessEnv;
    given?: () => string;
    context?: string;
    account?: string;
  }
  const home = () => ({ HOME: join(folder, "home") });
  const found: [string, Case, string][] = [
    ["that of ~/.kube/config", { env: home }, "https://home"],
    [
      "that of ~/.kube/config, also in a pod",
      { env: () => ({ ...home(), ...IN_POD }), account: "account" },
      "https://home",
    ],
    ["that of KUBECONFIG", { env: () => ({ ...home(), KUBECONFIG: at("two") }) }, "https://two"],
    ["that of ~/.kube/config for an empty KUBECONFIG", { env: () => ({ ...home(), KUBECONFIG: "" }) }, "https://home"],
    ["the first of KUBECONFIG's", { env: () => ({ KUBECONFIG: at("one", "two") }) }, "https://one"],
    ["a later one's by its context", { env: () => ({ KUBECONFIG: at("one", "two") }), context: "two" }, "https://two"],
    [
      "that of those of KUBECONFIG's files that are there",
      { env: () => ({ KUBECONFIG: `${delimiter}${at("none", "two")}${delimiter}` }) },
      "https://two",
    ],
    ["that of a given path", { env: () => ({ KUBECONFIG: at("two") }), given: () => at("one") }, "https://one"],
    ["that of a given path with ~", { env: home, given: () => "~/.kube/config" }, "https://home"],
    ["that of a given list", { given: () => at("one", "two"), context: "two" }, "https://two"],
    [
      "that of a given path with the sign that parts lists",
      { given: () => join(folder, `a${delimiter}b`) },
      "https://parted",
    ],
    ["that of a given content", { env: home, given: () => kubeconfigOf({ server: "https://given" }) }, "https://given"],
    ["that of the pod's account", { env: () => IN_POD, account: "account" }, "https://10.0.0.1"],
    [
      "that of the pod's account where KUBECONFIG's files are not there",
      { env: () => ({ ...IN_POD, KUBECONFIG: at("none") }), account: "account" },
      "https://10.0.0.1",
    ],
    [
      "that of the pod's account by IPv6",
      { env: () => ({ KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "6443" }), account: "account" },
      "https://[fd00::1]:6443",
    ],
  ];
  for (const [name, { env, given, context, account }, expected] of found) {
    it(`is ${name}`, async () => {
      const { cluster } = await find(env?.() ?? {}, given?.(), context, account);
      assert.equal(cluster.server.origin, expected);
    });
  }

  it("has relative paths from the folder that is named: given ones, and those of KUBECONFIG", async () => {
    const places = { env: { HOME: join(folder, "empty") }, serviceAccount: "nowhere" };
    const given = await findTarget({ kubeconfig: "two", folder }, places);
    assert.equal(given.cluster.server.origin, "https://two");
    const found = await findTarget({ folder }, { ...places, env: { ...places.env, KUBECONFIG: "one" } });
    assert.deepEqual([found.cluster.server.origin, found.cluster.ca?.file], ["https://one", at("ca.pem")]);
  });

  it("is another one of the kubeconfig's clusters where one is named, with the context's user", async () => {
    const places = { env: { KUBECONFIG: at("one", "two") }, serviceAccount: "nowhere" };
    const { cluster, context } = await findTarget({ cluster: "two" }, places);
    assert.deepEqual([cluster.server.origin, context], ["https://two", "dev"]);
    assert.match(await complaintOf(findTarget({ cluster: "three" }, places)), /has no cluster "three"; it has /);
  });

  it("has files that are beside its kubeconfig, or those of the pod's account", async () => {
    assert.equal((await find({}, at("one"))).cluster.ca?.file, at("ca.pem"));
    const pod = await find(IN_POD, undefined, undefined, "account");
    assert.deepEqual([pod.cluster.ca?.file, pod.user.tokenFile], [at("account/ca.crt"), at("account/token")]);
    assert.equal((await find(IN_POD, undefined, undefined, "bare")).cluster.ca, undefined);
  });

  const wrong: [string, Case, RegExp][] = [
    ["no given file", { given: () => at("none") }, /^the kubeconfig \S+none cannot be read: ENOENT/],
    ["one of the given files missing", { given: () => at("one", "none") }, /none cannot be read: ENOENT/],
    ["a folder", { env: () => ({ KUBECONFIG: folder }) }, /^the kubeconfig \S+ cannot be read: EISDIR/],
    ["a broken file", { given: () => at("broken") }, /^the kubeconfig \S+broken is neither YAML nor JSON: line 1/],
    [
      "nothing at all",
      {},
      /^there is no kubeconfig: looked for \S+empty\S+config, and this process does not run in a pod.*set KUBECONFIG/,
    ],
    ["nothing but an account without a pod", { account: "account" }, /^there is no kubeconfig/],
    ["nothing but a pod without an account", { env: () => IN_POD }, /^there is no kubeconfig/],
    ["a context in a pod", { env: () => IN_POD, account: "account", context: "c" }, /no kubeconfig .* context "c"/],
  ];
  for (const [name, { env, given, context, account }, problem] of wrong) {
    it(`is refused with ${name}`, async () =>
      assert.match(await complaintOf(find(env?.() ?? {}, given?.(), context, account)), problem));
  }

  const jwt = (exp: number) => `x.${Buffer.from(JSON.stringify({ exp })).toString("base64url")}.hunter2`;
  const provider = (name: string, config: object = {}) => ({ "auth-provider": { name, config } });
  const entries: [string, object, object, RegExp][] = [
    ["no server", { server: "" }, {}, /^cluster "dev" of the kubeconfig has no server$/],
    ["a server without a protocol", { server: "hunter2:6443" }, {}, /^server of cluster "dev" of .* is not a URL/],
    [
      "a proxy of SOCKS",
      { "proxy-url": "socks5://u:hunter2@p:1" },
      {},
      /is socks5:\/\/p:1, and SOCKS is not supported/,
    ],
    ["a proxy that is none", { "proxy-url": "hunter2" }, {}, /^proxy-url of cluster "dev" of .* is wrong: the URL of/],
    [
      "a word as a truth",
      { "insecure-skip-tls-verify": "yes" },
      {},
      /insecure-skip.* is wrong: true or false is needed/,
    ],
    [
      "a provider of gcp",
      {},
      provider("gcp", { "access-token": "hunter2" }),
      /^user "dev" .* "gcp".*use an exec plugin/,
    ],
    ["a provider of azure", {}, provider("azure"), /^user "dev" .* "azure".*use an exec plugin/],
    ["a provider of oidc without a token", {}, provider("oidc", { "refresh-token": "hunter2" }), /use an exec plugin/],
    [
      "an old token of oidc",
      {},
      provider("oidc", { "id-token": jwt(1) }),
      /id-token of user "dev" .* 1970-01.*kubelogin/,
    ],
    ["a token and a password", {}, { token: "hunter2", username: "u", password: "hunter2" }, /a token and a password/],
    ["a certificate without a key", {}, { "client-certificate-data": base64("x") }, /no client-key; both are needed/],
    ["a key without a certificate", {}, { "client-key": "k" }, /a client-key and no client-certificate; both/],
    ["a plugin without a command", {}, { exec: { apiVersion: "client.authentication.k8s.io/v1" } }, /has no command$/],
    [
      "a plugin of another version",
      {},
      { exec: { apiVersion: "client.authentication.k8s.io/v1alpha1", command: "aws" } },
      /is "client\.authentication\.k8s\.io\/v1alpha1": client\.authentication\.k8s\.io\/v1 or .*v1beta1 is needed.*"aws"/,
    ],
    [
      "a plugin of a mode that is none",
      {},
      { exec: { apiVersion: "client.authentication.k8s.io/v1", command: "aws", interactiveMode: "never" } },
      /^interactiveMode of exec of user "dev" of the kubeconfig is "never": one of Never, IfAvailable, Always/,
    ],
    ["groups of nobody", {}, { "as-groups": ["admins"] }, /without as; the name of a user is needed/],
  ];
  for (const [name, cluster, user, problem] of entries) {
    it(`is refused with ${name}, and no secret is said`, async () => {
      const complaint = await complaintOf(find({}, kubeconfigOf({ server: "https://c", ...cluster }, user)));
      assert.match(complaint, problem);
      assert.doesNotMatch(complaint, /hunter2/);
    });
  }
});
