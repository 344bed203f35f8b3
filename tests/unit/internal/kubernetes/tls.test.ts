import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubernetesApi } from "../../../../src/internal/kubernetes/api";
import { selfSigned } from "../../../e2e/support/certificate";
import { NEVER, SecuredServer, base64, complaintOf, kubeconfigOf } from "./securedServer";

describe("the API server's certificate and its clients'", () => {
  const [anna, ben, other] = ["anna", "ben", "api.test"].map(selfSigned);
  let folder: string;
  let server: SecuredServer;
  let opened: KubernetesApi[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "tls-"));
    server = await SecuredServer.start([anna, ben]);
    opened = [];
  });
  afterEach(async () => {
    opened.forEach((api) => api.close());
    await server.close();
    await rm(folder, { recursive: true });
  });

  async function api(cluster: object, user: object = {}): Promise<KubernetesApi> {
    const file = join(folder, "kubeconfig");
    await writeFile(file, kubeconfigOf({ ...server.cluster, ...cluster }, user));
    const made = await KubernetesApi.of({ kubeconfig: file });
    opened.push(made);
    return made;
  }
  const asked = async (cluster: object, user?: object) =>
    complaintOf((await api(cluster, user)).text("/version", NEVER));

  const NO_DATA = { "certificate-authority-data": "" };
  const authorities: [string, object, RegExp][] = [
    ["by the authority in the kubeconfig", {}, /^no complaint$/],
    ["by the authority in a file beside it", { ...NO_DATA, "certificate-authority": "ca.pem" }, /^no complaint$/],
    ["by the data before the file", { "certificate-authority": "none.pem" }, /^no complaint$/],
    ["without an authority if none is asked for", { ...NO_DATA, "insecure-skip-tls-verify": true }, /^no complaint$/],
    [
      "not without an authority",
      NO_DATA,
      /the API server at https:\/\/127\.0\.0\.1:\d+ cannot be reached: self-signed/,
    ],
    [
      "not by another authority",
      { "certificate-authority-data": base64(other.cert) },
      /cannot be reached: .*self-signed/,
    ],
    ["not by another name", { "tls-server-name": "other.test" }, /cannot be reached: .*other\.test/],
    ["not by the address alone", { "tls-server-name": "" }, /cannot be reached: .*127\.0\.0\.1/],
    [
      "not by a file that is not there",
      { ...NO_DATA, "certificate-authority": "none.pem" },
      /cannot be reached: certificate-authority of cluster "dev" of the kubeconfig \S+ cannot be read: ENOENT.*none\.pem/,
    ],
    [
      "not by data that is no certificate",
      { "certificate-authority-data": base64("hunter2") },
      /certificate-authority-data of cluster "dev" of the kubeconfig \S+ is not a PEM certificate$/,
    ],
    [
      "not by a broken certificate",
      { "certificate-authority-data": base64("-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----\n") },
      /certificate-authority-data of cluster "dev" of the kubeconfig \S+ is not a PEM certificate$/,
    ],
  ];
  for (const [name, cluster, expected] of authorities) {
    it(`are trusted ${name}`, async () => {
      await writeFile(join(folder, "ca.pem"), server.certificate.cert);
      const said = await asked(cluster);
      assert.match(said, expected);
      assert.doesNotMatch(said, /hunter2/);
    });
  }

  const inFiles = { "client-certificate": "anna.pem", "client-key": "anna.key" };
  const inData = { "client-certificate-data": base64(ben.cert), "client-key-data": base64(ben.key) };
  const clients: [string, object, string | undefined][] = [
    ["nobody's without one", {}, undefined],
    ["those of files beside the kubeconfig", inFiles, "anna"],
    ["those in the kubeconfig", inData, "ben"],
    ["those in the kubeconfig before those of files", { ...inFiles, ...inData }, "ben"],
  ];
  for (const [name, user, expected] of clients) {
    it(`are ${name}`, async () => {
      await writeFile(join(folder, "anna.pem"), anna.cert);
      await writeFile(join(folder, "anna.key"), anna.key);
      assert.equal(await asked({}, user), "no complaint");
      assert.equal(server.last.client, expected);
    });
  }

  it("are read anew from their files when the API server no longer takes them", async () => {
    await writeFile(join(folder, "anna.pem"), anna.cert);
    await writeFile(join(folder, "anna.key"), anna.key);
    const made = await api({}, inFiles);
    await made.text("/version", NEVER);
    await writeFile(join(folder, "anna.pem"), ben.cert);
    await writeFile(join(folder, "anna.key"), ben.key);
    await made.text("/version", NEVER);
    assert.equal(server.last.client, "anna");
    server.statusOf = ({ client }) => (client === "ben" ? 200 : 401);
    await made.text("/version", NEVER);
    assert.deepEqual(
      server.seen.map(({ client }) => client),
      ["anna", "anna", "anna", "ben"],
    );
  });

  it("are no secret that an error tells", async () => {
    const said = await asked(
      {},
      { "client-certificate-data": base64(anna.cert), "client-key-data": base64("hunter2") },
    );
    assert.match(said, /cannot be reached: the client certificate of user "dev" of the kubeconfig \S+ cannot be used/);
    const mixed = await asked({}, { ...inData, "client-key-data": base64(anna.key) });
    assert.match(mixed, /cannot be reached: the client certificate of user "dev" .* cannot be used: .*mismatch/);
    assert.doesNotMatch(said + mixed, /hunter2|PRIVATE KEY/);
  });

  it("are needed once for many requests, as connections stay open", async () => {
    const made = await api({});
    for (let count = 0; count < 5; count++) {
      await made.text("/version", NEVER);
    }
    assert.equal(server.connections, 1);
    await Promise.all(Array.from({ length: 10 }, () => made.text("/version", NEVER)));
    assert.ok(server.connections <= 8, `${server.connections} connections`);
  });
});
