import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubernetesApi } from "../../../../src/internal/kubernetes/api";
import { selfSigned } from "../../../e2e/support/certificate";
import { NEVER, SERVER_NAME, SecuredServer, base64, complaintOf, kubeconfigOf } from "./securedServer";

const V1 = "client.authentication.k8s.io/v1";
const V1BETA1 = "client.authentication.k8s.io/v1beta1";

/** A plugin that writes down each call and prints what `answer.json` beside it says, numbered by the calls. */
const PLUGIN = `#!${process.execPath}
const { appendFileSync, readFileSync } = require("node:fs");
const { join } = require("node:path");
const beside = (file) => join(__dirname, file);
const info = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
const call = { args: process.argv.slice(2), mine: process.env.MINE, home: process.env.HOME, info };
appendFileSync(beside("calls"), JSON.stringify(call) + "\\n");
const calls = readFileSync(beside("calls"), "utf8").trim().split("\\n").length;
const { print, fail, complain, hang } = JSON.parse(readFileSync(beside("answer.json"), "utf8"));
if (complain) console.error(complain);
if (fail) process.exit(fail);
if (hang) setTimeout(() => {}, 60_000);
else console.log(typeof print === "string" ? print : JSON.stringify(print).replaceAll("CALLS", String(calls)));
`;

describe("a plugin that logs in", () => {
  const anna = selfSigned("anna");
  let folder: string;
  let server: SecuredServer;
  let opened: KubernetesApi[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "plugin-"));
    await writeFile(join(folder, "login"), PLUGIN);
    await chmod(join(folder, "login"), 0o700);
    server = await SecuredServer.start([anna]);
    opened = [];
  });
  afterEach(async () => {
    opened.forEach((api) => api.close());
    await server.close();
    await rm(folder, { recursive: true });
  });

  const credential = (status: object, apiVersion = V1) => ({ apiVersion, kind: "ExecCredential", status });
  const answers = (answer: object) => writeFile(join(folder, "answer.json"), JSON.stringify(answer));
  const calls = async () =>
    (await readFile(join(folder, "calls"), "utf8").catch(() => ""))
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as { args: string[]; mine?: string; home?: string; info: object });
  async function api(exec: object, user: object = {}, cluster: object = {}, terminal = false): Promise<KubernetesApi> {
    const file = join(folder, "kubeconfig");
    const all = { exec: { apiVersion: V1, command: "./login", ...exec }, ...user };
    await writeFile(file, kubeconfigOf({ ...server.cluster, ...cluster }, all));
    const surroundings = { env: { ...process.env, HOME: folder }, serviceAccount: folder, terminal };
    const made = await KubernetesApi.of({ kubeconfig: file }, surroundings);
    opened.push(made);
    return made;
  }
  const tokens = () => server.seen.map(({ headers }) => headers.authorization);

  it("runs in the environment of the stack, where code gives it one: all of it, and the kubeconfig's variables", async () => {
    await answers({ print: credential({ token: "t" }) });
    const file = join(folder, "kubeconfig");
    const exec = { apiVersion: V1, command: "./login", env: [{ name: "HOME", value: "/kubeconfig" }] };
    await writeFile(file, kubeconfigOf(server.cluster, { exec }));
    const made = await KubernetesApi.of({ env: { PATH: process.env.PATH, KUBECONFIG: file, MINE: "of the stack" } });
    opened.push(made);
    await made.text("/version", NEVER);
    const [{ mine, home }] = await calls();
    assert.deepEqual([mine, home], ["of the stack", "/kubeconfig"]);
  });

  for (const apiVersion of [V1, V1BETA1]) {
    it(`gives a token by ${apiVersion}`, async () => {
      await answers({ print: credential({ token: "t-CALLS" }, apiVersion), complain: "a warning" });
      const made = await api({ apiVersion, args: ["get", "0123"], env: [{ name: "MINE", value: "42" }] });
      await made.text("/version", NEVER);
      assert.deepEqual(tokens(), ["Bearer t-1"]);
      assert.deepEqual(await calls(), [
        {
          args: ["get", "0123"],
          mine: "42",
          home: folder,
          info: { apiVersion, kind: "ExecCredential", spec: { interactive: false } },
        },
      ]);
    });
  }

  it("gives a client certificate", async () => {
    await answers({ print: credential({ clientCertificateData: anna.cert, clientKeyData: anna.key }) });
    await (await api({})).text("/version", NEVER);
    assert.equal(server.last.client, "anna");
    assert.deepEqual(tokens(), [undefined]);
  });

  it("is looked for in PATH by its mere name", async () => {
    await answers({ print: credential({ token: "t" }) });
    const script = `#!/bin/sh\nexec ${JSON.stringify(join(folder, "login"))}\n`;
    await writeFile(join(folder, "login-in-path"), script, { mode: 0o700 });
    const path = `${folder}:${process.env.PATH}`;
    await (await api({ command: "login-in-path", env: [{ name: "PATH", value: path }] })).text("/version", NEVER);
    assert.deepEqual(tokens(), ["Bearer t"]);
  });

  it("is told of the cluster where the kubeconfig says so", async () => {
    await answers({ print: credential({ token: "t" }) });
    const extensions = [
      { name: "other", extension: { a: 1 } },
      { name: "client.authentication.k8s.io/exec", extension: { audience: "x" } },
    ];
    const made = await api({ provideClusterInfo: true }, {}, { extensions, "proxy-url": "" });
    await made.text("/version", NEVER);
    const [{ info }] = await calls();
    assert.deepEqual((info as { spec: object }).spec, {
      interactive: false,
      cluster: {
        server: server.url,
        "tls-server-name": SERVER_NAME,
        "certificate-authority-data": base64(server.certificate.cert),
        config: { audience: "x" },
      },
    });
  });

  it("runs once for all requests as long as its credentials are good", async () => {
    const expirationTimestamp = new Date(Date.now() + 600_000).toISOString();
    await answers({ print: credential({ token: "t-CALLS", expirationTimestamp }) });
    const made = await api({});
    await Promise.all([1, 2, 3].map(() => made.text("/version", NEVER)));
    await made.text("/version", NEVER);
    assert.deepEqual(tokens(), Array(4).fill("Bearer t-1"));
  });

  it("runs again when they are good no longer", async () => {
    const made = await api({});
    await answers({ print: credential({ token: "t-CALLS", expirationTimestamp: "2020-01-01T00:00:00Z" }) });
    await made.text("/version", NEVER);
    const before = (await calls()).length;
    const expirationTimestamp = new Date(Date.now() + 600_000).toISOString();
    await answers({ print: credential({ token: "t-CALLS", expirationTimestamp }) });
    await Promise.all([1, 2, 3].map(() => made.text("/version", NEVER)));
    assert.equal((await calls()).length, before + 1);
    assert.deepEqual(tokens().slice(1), Array(3).fill(`Bearer t-${before + 1}`));
  });

  it("runs again, once for all, when the API server refuses them", async () => {
    await answers({ print: credential({ token: "t-CALLS" }) });
    const made = await api({});
    server.statusOf = ({ headers }) => (headers.authorization === "Bearer t-2" ? 200 : 401);
    await Promise.all([1, 2, 3].map(() => made.text("/version", NEVER)));
    assert.equal((await calls()).length, 2);
  });

  it("does not run where a token stands in the kubeconfig", async () => {
    await answers({ fail: 1 });
    await (await api({}, { token: "written" })).text("/version", NEVER);
    assert.deepEqual(tokens(), ["Bearer written"]);
    assert.deepEqual(await calls(), []);
  });

  it("does not run for a server of plain HTTP", async () => {
    const made = await api({}, {}, { server: "http://127.0.0.1:1" });
    assert.match(await complaintOf(made.text("/version", NEVER)), /ECONNREFUSED/);
    assert.deepEqual(await calls(), []);
  });

  it("talks with a person only at a terminal, unless it says that it never does", async () => {
    await answers({ print: credential({ token: "t" }) });
    for (const interactiveMode of ["Never", "IfAvailable", "Always", undefined]) {
      await (await api({ interactiveMode }, {}, {}, true)).text("/version", NEVER);
    }
    assert.deepEqual(
      (await calls()).map(({ info }) => (info as { spec: { interactive: boolean } }).spec.interactive),
      [false, true, true, true],
    );
    const said = await complaintOf((await api({ interactiveMode: "Always" })).text("/version", NEVER));
    assert.match(said, /the command "\S+login" of user "dev" .* is interactive, but there is no terminal/);
  });

  it("is named with what to do where it is not there", async () => {
    const made = await api({ command: "no-such-login", installHint: "Install it with: brew install login\n" });
    assert.match(
      await complaintOf(made.text("/version", NEVER)),
      /^the API server at https:\S+ cannot be reached: user "dev" of the kubeconfig \S+ needs the command "no-such-login", which is not installed; install it\nInstall it with: brew install login$/,
    );
    await chmod(join(folder, "login"), 0o600);
    assert.match(await complaintOf((await api({})).text("/version", NEVER)), /"\S+login" of .* does not run: EACCES/);
  });

  it("is tried anew after it failed", async () => {
    const made = await api({});
    await answers({ fail: 1 });
    await complaintOf(made.text("/version", NEVER));
    await answers({ print: credential({ token: "t" }) });
    await made.text("/version", NEVER);
    assert.deepEqual(tokens(), ["Bearer t"]);
  });

  const pem = { clientCertificateData: anna.cert };
  const failures: [string, object, RegExp][] = [
    ["fails", { fail: 3, complain: "run login first" }, /ended with exit code 3: run login first$/],
    ["fails silently", { fail: 3 }, /ended with exit code 3$/],
    [
      "fails and tells secrets",
      { fail: 3, complain: "no hunter2 and no hunter3, no hunter4" },
      /3: no … and no …, no …$/,
    ],
    ["prints no JSON", { print: "hunter2" }, /printed no ExecCredential in JSON$/],
    ["prints something else", { print: { kind: "Status", token: "hunter2" } }, /printed no ExecCredential in JSON$/],
    [
      "prints another version",
      { print: credential({ token: "hunter2" }, V1BETA1) },
      /of another apiVersion; \S+v1 is needed/,
    ],
    ["prints nothing of use", { print: credential({}) }, /with neither a token nor a client certificate$/],
    [
      "prints half a certificate",
      { print: credential({ token: "hunter2", ...pem }) },
      /only one of clientCertificateData/,
    ],
    [
      "prints a broken certificate",
      { print: credential({ clientCertificateData: "hunter2", clientKeyData: "hunter2" }) },
      /the client certificate of user "dev" of the kubeconfig \S+ cannot be used/,
    ],
    [
      "prints an end that is none",
      { print: credential({ token: "hunter2", expirationTimestamp: "hunter2" }) },
      /printed an expirationTimestamp that is no time/,
    ],
  ];
  for (const [name, answer, problem] of failures) {
    it(`that ${name} is an error without any secret`, async () => {
      await answers(answer);
      const exec = {
        args: ["--oidc-client-secret=hunter3", "--token", "hunter4"],
        env: [{ name: "SECRET_KEY", value: "hunter2" }],
      };
      const said = await complaintOf((await api(exec)).text("/version", NEVER));
      assert.match(said, problem);
      assert.match(said, /^the API server at https:\S+ cannot be reached: /);
      assert.doesNotMatch(said, /hunter|BEGIN/);
      assert.equal(server.seen.length, 0);
    });
  }

  it("that hangs holds up no one longer than the signal lets it, and ends with the connection", async () => {
    await answers({ hang: true });
    const made = await api({});
    const signal = AbortSignal.timeout(500);
    await assert.rejects(made.text("/version", signal), { name: "TimeoutError" });
    const waiting = complaintOf(made.text("/version", NEVER));
    made.close();
    assert.match(await waiting, /does not run: ABORT_ERR/);
  });
});
