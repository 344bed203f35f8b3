import assert from "node:assert/strict";
import type { Manifest } from "../../src/render/steps";
import { EXAMPLES, isIstio, renderExample } from "../unit/examples/support";
import { Istioctl, type Objection } from "../unit/support/istioctl";
import { refusals, withIstioDefinitions } from "./support/apiServer";
import { Kubectl } from "./support/kubectl";
import { emptyCluster } from "./support/program";
import { tableCases } from "./support/tableCases";

const NAMESPACE = "oracles";

/** What `istioctl analyze` says against objects that are as they should be, and why it may. */
const ACCEPTED: readonly [message: RegExp, why: string][] = [
  [
    /^IST0128 .* has TLS mode set to (SIMPLE|MUTUAL) but no caCertificates/,
    "without them the proxy's system authorities are taken, as the docstring says",
  ],
  [
    /^IST0101 Referenced gateway not found: "edge\/\w+"/,
    "a Gateway that is there already is not among what an app brings",
  ],
  [/^IST0132 .* not found in Gateway edge\/\w+\.$/, "neither are its hosts"],
];

/**
 * More that it says against an object, which stands for itself there, without what it refers to or beside other tests'
 * objects.
 */
const ALONE: readonly [message: RegExp, why: string][] = [
  [
    /^IST0101 Referenced (gateway|host\+subset in destinationrule|mirror\+subset in destinationrule) not found/,
    "the Gateway or the DestinationRule is rendered by another function",
  ],
  [/^IST0132 /, "the Gateway is rendered by another function"],
  [/^IST0109 /, "the VirtualServices are those of several tests"],
  [/^IST0138 /, "the Gateways are those of several tests"],
];

/** Objects that tests render. */
interface Case {
  /** Whose they are. */
  test: string;
  objects: Manifest[];
}

/** One object of a case. */
interface Part {
  test: string;
  object: Manifest;
}

describe("everything that the examples and the unit tests render", function () {
  this.timeout("20m");
  let istioctl: Istioctl;
  let kubectl: Kubectl;
  let removeDefinitions: (() => Promise<void>) | undefined;
  let wholes: Case[];
  let parts: Part[];

  before(async () => {
    const target = await emptyCluster();
    kubectl = new Kubectl(target.kubectl, target.kubeconfig);
    istioctl = await Istioctl.ready();
    removeDefinitions = await withIstioDefinitions(kubectl);
    await kubectl.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
    const examples: Case[] = [];
    for (const example of EXAMPLES) {
      examples.push({ test: `the example ${example}`, objects: (await renderExample(example)).manifests });
    }
    const cases = [...examples, ...((await tableCases()) as Case[])];
    wholes = distinct(cases.filter((each) => each.objects[0].metadata !== undefined));
    parts = apart(cases);
  });

  after(() => removeDefinitions?.());

  /** Fails with every objection, told with the test whose object it is about. */
  const assertNone = (objections: readonly Objection[]) => {
    const told = objections.map(({ object, text }) => `${text}\n    ${object} of ${testOf(object)}`);
    assert.equal(told.length, 0, `${told.length} objections:\n  ${told.join("\n  ")}`);
  };
  const testOf = (object: string) =>
    parts.find(({ object: { kind, metadata } }) => `${kind} ${metadata.name}` === object.replace(/ .*\//, " "))?.test ??
    "no test that is known";

  it("is so much that nothing can be missing", () => {
    const kinds = new Set(parts.map(({ object }) => object.kind));
    for (const kind of [
      "VirtualService",
      "DestinationRule",
      "Gateway",
      "PeerAuthentication",
      "AuthorizationPolicy",
      "Service",
      "Deployment",
    ]) {
      assert.ok(kinds.has(kind), `${kind} among ${[...kinds].join(", ")}`);
    }
    console.log(`      ${parts.length} objects, ${wholes.length} whole apps and programs`);
    assert.ok(parts.length > 300 && wholes.length > 50);
  });

  it("is accepted by the API server, CEL rules included", async () => {
    assertNone(
      await refusals(
        kubectl,
        parts.map(({ object }) => object),
      ),
    );
  });

  it("is valid for Istio", async () => {
    assertNone(await istioctl.validate(parts.map(({ object }) => object).filter(isIstio)));
  });

  it("leaves nothing for the analysis to find, each object by itself", async () => {
    // Each in a namespace of its own, so that what they say of others is about none of these.
    const alone = parts
      .map(({ object }) => object)
      .filter(isIstio)
      .map((object) => ({ ...object, metadata: { ...object.metadata, namespace: object.metadata.name } }));
    assertNone(without(await istioctl.analyze(alone), [...ACCEPTED, ...ALONE]));
  });

  it("leaves nothing for the analysis to find, each app and program as a whole", async () => {
    const found: string[] = [];
    const left = [...wholes];
    const work = async () => {
      for (let each = left.pop(); each !== undefined; each = left.pop()) {
        const { test } = each;
        found.push(
          ...without(await istioctl.analyze(each.objects), ACCEPTED).map(
            ({ object, text }) => `${text}\n    ${object} of ${test}`,
          ),
        );
      }
    };
    await Promise.all([work(), work(), work(), work()]);
    assert.equal(found.length, 0, `${found.length} objections:\n  ${found.join("\n  ")}`);
  });

  describe("would be found wrong", () => {
    const VERSION = "networking.istio.io/v1";
    const named = (kind: string, spec: object): Manifest => ({
      apiVersion: VERSION,
      kind,
      metadata: { name: "wrong", namespace: NAMESPACE },
      spec,
    });
    const routed = (...http: object[]) => named("VirtualService", { hosts: ["shop.example.com"], http });
    const route = [{ destination: { host: "shop.example.com" } }];

    const byServer: [name: string, object: Manifest, text: RegExp][] = [
      ["a misspelt field", routed({ rout: route }), /\.spec\.http\[0\]\.rout: field not declared in schema/],
      ["a wrong type", routed({ route, timeout: 5 }), /\.spec\.http\[0\]\.timeout: expected string/],
      ["a duration against a CEL rule", routed({ route, timeout: "0s" }), /must be a valid duration greater than 1ms/],
      [
        "fields against a CEL rule of their object",
        named("Gateway", {
          servers: [
            {
              port: { number: 443, name: "https", protocol: "HTTPS" },
              hosts: ["*"],
              tls: { mode: "SIMPLE", credentialName: "a", credentialNames: ["b"] },
            },
          ],
        }),
        /only one of credentialName or credentialNames can be set/,
      ],
      [
        "a Service whose name starts with a digit",
        {
          apiVersion: "v1",
          kind: "Service",
          metadata: { name: "1shop", namespace: NAMESPACE },
          spec: { ports: [{ port: 80 }] },
        },
        /DNS-1035/,
      ],
    ];
    for (const [name, object, text] of byServer) {
      it(`by the API server: ${name}`, async () => {
        const right = routed({ route });
        const found = await refusals(kubectl, [
          right,
          object,
          { ...right, metadata: { ...right.metadata, name: "right" } },
        ]);
        assert.deepEqual(
          found.map((each) => each.object),
          [`${object.kind} ${object.metadata.name}`],
          JSON.stringify(found),
        );
        assert.match(found[0].text, text);
      });
    }

    const byValidation: [name: string, object: Manifest, text: RegExp][] = [
      [
        "a route and a redirect in one",
        routed({ route, redirect: { uri: "/" } }),
        /cannot contain both route and redirect/,
      ],
      ["a duration that is none", routed({ route, timeout: "soon" }), /invalid duration|cannot parse proto message/],
      [
        "* inside the mesh",
        named("VirtualService", { hosts: ["*"], http: [{ route }] }),
        /wildcard host \* is not allowed/,
      ],
    ];
    for (const [name, object, text] of byValidation) {
      it(`by Istio's validation: ${name}`, async () => {
        const found = await istioctl.validate([routed({ route }), object]);
        assert.deepEqual(
          found.map((each) => each.object),
          [`${object.kind} ${NAMESPACE}/wrong`],
          JSON.stringify(found),
        );
        assert.match(found[0].text, text);
      });
    }

    it("by Istio's validation: what it only warns of", async () => {
      const policy = named("DestinationRule", {
        host: "shop",
        trafficPolicy: { loadBalancer: { localityLbSetting: { failoverPriority: ["team"] } } },
      });
      const found = await istioctl.validate([policy, named("VirtualService", { hosts: ["*"], http: [{ route }] })]);
      assert.deepEqual(
        found.map(({ text }) => text.startsWith("warning: ")).sort(),
        [false, true],
        JSON.stringify(found),
      );
      assert.deepEqual(
        (await istioctl.validate([policy])).map(({ text }) => text),
        ["warning: outlier detection policy must be provided for failover"],
      );
    });

    it("by Istio's analysis: a subset that no DestinationRule has", async () => {
      const subset = (name: string) => routed({ route: [{ destination: { host: "shop.example.com", subset: name } }] });
      const rule = named("DestinationRule", {
        host: "shop.example.com",
        subsets: [{ name: "v1", labels: { version: "v1" } }],
      });
      assert.deepEqual(await istioctl.analyze([subset("v1"), rule]), []);
      const text = 'IST0101 Referenced host+subset in destinationrule not found: "shop.example.com+v2"';
      assert.deepEqual(await istioctl.analyze([subset("v2"), rule]), [
        { object: `VirtualService ${NAMESPACE}/wrong`, text },
      ]);
    });
  });
});

/** Each object once, in the oracles' namespace. Istio's get names of their own, by which they are found again. */
function apart(cases: readonly Case[]): Part[] {
  const found = new Map<string, Part>();
  for (const { test, objects } of cases) {
    for (const object of objects.filter(({ kind }) => kind !== "Namespace")) {
      const { metadata, ...rest } = object;
      const key = JSON.stringify([rest, isIstio(object) ? undefined : metadata]);
      const name = isIstio(object) ? `case-${found.size}` : metadata.name;
      found.set(
        key,
        found.get(key) ?? { test, object: { ...object, metadata: { ...metadata, name, namespace: NAMESPACE } } },
      );
    }
  }
  return [...found.values()];
}

/** Each set of Istio's objects once. */
function distinct(cases: readonly Case[]): Case[] {
  const found = new Map(
    cases.map(({ test, objects }) => [
      JSON.stringify(objects.filter(isIstio)),
      { test, objects: objects.filter(isIstio) },
    ]),
  );
  return [...found.values()].filter(({ objects }) => objects.length > 0);
}

function without(objections: readonly Objection[], accepted: typeof ACCEPTED): Objection[] {
  return objections.filter(({ text }) => !accepted.some(([message]) => message.test(text)));
}
