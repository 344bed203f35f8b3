import assert from "node:assert/strict";
import * as fc from "fast-check";
import { ServiceProtocol } from "../../../src/istio/protocol";
import { type AppPort, appPorts, namedHttpPorts, serviceCheck, spokenOf } from "../../../src/istio/servicePorts";
import { UNKNOWN } from "../../../src/validation/unknown";
import { anything, roughly } from "../arbitraries";
import { type Expected, assertProblems, problemsOf } from "../problems";

const check = (service: unknown) => problemsOf((findings) => serviceCheck(service, findings), "service");
const WEB = { name: "web", port: 80, targetPort: 8080 };
const CALLS = { name: "calls", port: 9090, protocol: "grpc" } as const;

describe("an app's ports", () => {
  const sound: [
    name: string,
    service: object,
    ports: [name: string, port: number, target: number, spoken: string][],
  ][] = [
    ["by default", {}, [["http", 80, 8080, "http"]]],
    ["as one", { port: 9000, targetPort: 9001, protocol: "tcp" }, [["http", 9000, 9001, "tcp"]]],
    ["as a list of one", { ports: [WEB] }, [["web", 80, 8080, "http"]]],
    [
      "as a list: the pods' port is the callers' unless it is said",
      { ports: [WEB, CALLS] },
      [
        ["web", 80, 8080, "http"],
        ["calls", 9090, 9090, "grpc"],
      ],
    ],
    [
      "two of which lead to one port of the pods",
      { ports: [WEB, { name: "alt", port: 8000, targetPort: 8080 }] },
      [
        ["web", 80, 8080, "http"],
        ["alt", 8000, 8080, "http"],
      ],
    ],
  ];
  for (const [name, service, ports] of sound) {
    it(`are told ${name}`, () => {
      assertProblems(check(service), []);
      assert.deepEqual(
        appPorts(service),
        ports.map(([port, number, targetPort, protocol]): object => ({
          name: port,
          port: number,
          targetPort,
          protocol,
        })),
      );
    });
  }

  it("may have numbers that are not known yet", () => {
    const later = { name: "a", port: UNKNOWN, targetPort: UNKNOWN };
    assertProblems(check({ ports: [later, { name: "b", port: UNKNOWN, protocol: "tcp" }, CALLS] }), []);
  });

  const wrong: [name: string, service: unknown, problems: Expected[]][] = [
    ["none", { ports: [] }, [["service.ports", "is []", "a list of ports with at least 1"]]],
    ["no list", { ports: { web: 80 } }, [["service.ports", "a list of ports"]]],
    ["not known yet", { ports: UNKNOWN }, [["service.ports", "is not known yet"]]],
    ["numbers alone", { ports: [80] }, [["service.ports[0]", "name, port, targetPort, protocol"]]],
    [
      "without a name and a number",
      { ports: [{}] },
      [
        ["service.ports[0].name", "is missing"],
        ["service.ports[0].port", "is missing"],
      ],
    ],
    ["with a name not known yet", { ports: [{ ...WEB, name: UNKNOWN }] }, [["service.ports[0].name", "is not known"]]],
    [
      "with a number that is none, and a protocol that is none",
      { ports: [{ ...WEB, port: 0, targetPort: "http", protocol: "udp" }] },
      [
        ["service.ports[0].port", "is 0", "a port from 1 to 65535"],
        ["service.ports[0].targetPort", 'is "http"', "a port from 1 to 65535"],
        ["service.ports[0].protocol", 'is "udp"', "http, http2, grpc, tcp, tls"],
      ],
    ],
    ...["", "-a", "a-", "a--b", "80", "Web", "a_b", "a-name-too-long0"].map((name): [string, unknown, Expected[]] => [
      `with the name ${JSON.stringify(name)}`,
      { ports: [{ ...WEB, name }] },
      [["service.ports[0].name", JSON.stringify(name), "at most 15 lower-case letters"]],
    ]),
    [
      "of one name and one number",
      { ports: [CALLS, WEB, { ...WEB, targetPort: 1 }] },
      [
        ["service.ports[2].name", 'is "web", as in ports[1]', "every port needs a name of its own"],
        ["service.ports[2].port", "is 80, as in ports[1]", "every port needs a port of its own"],
      ],
    ],
    [
      "that speak differently on one port of the pods",
      { ports: [WEB, { ...CALLS, targetPort: 8080 }] },
      [["service.ports[1].protocol", "is grpc, and that of ports[0] http", "the pods' port 8080"]],
    ],
    [
      "in both forms",
      { ports: [WEB], port: 80, protocol: "http" },
      [["service.ports", "is set beside port and protocol", "set one form only"]],
    ],
  ];
  for (const [name, service, problems] of wrong) {
    it(`may not be ${name}`, () => assertProblems(check(service), problems));
  }

  it("are known by what they speak, as far as that is sound", () => {
    assert.deepEqual(spokenOf(undefined), { protocols: ["http"], listed: false });
    assert.deepEqual(spokenOf({ protocol: "tcp" }), { protocols: ["tcp"], listed: false });
    assert.deepEqual(spokenOf({ ports: [WEB, CALLS] }), { protocols: ["http", "grpc"], listed: true });
    for (const service of [80, { protocol: "udp" }, { ports: [] }, { ports: 80 }, { ports: [80] }, UNKNOWN]) {
      assert.equal(spokenOf(service), undefined);
    }
  });

  it("have names for routes where there is a list, those of HTTP", () => {
    assert.deepEqual(namedHttpPorts({ port: 80 }), []);
    assert.deepEqual(namedHttpPorts({ ports: [WEB, { ...WEB, name: "raw", protocol: "tcp" }, CALLS] }), [
      "web",
      "calls",
    ]);
    assert.equal(namedHttpPorts({ ports: [{ ...WEB, name: 3 }] }), undefined);
  });

  it("are refused, or have names and numbers of their own, whatever is given", () => {
    const port = roughly({
      name: fc.constantFrom("web", "calls", "raw", "a"),
      port: fc.integer({ min: 1, max: 5 }),
      targetPort: fc.integer({ min: 1, max: 3 }),
      protocol: fc.constantFrom(...Object.values(ServiceProtocol)),
    });
    const ports = fc.oneof(fc.array(port, { maxLength: 4 }), anything());
    fc.assert(
      fc.property(roughly({ ports, port: fc.nat() }), (service) => {
        const hasUnknown = [service.port, service.ports, ...[service.ports].flat()].some((each) =>
          [each, ...Object.values(Object(each) as object)].includes(UNKNOWN),
        );
        if (check(service).length > 0 || hasUnknown) {
          return;
        }
        const all: AppPort[] = appPorts(service);
        assert.ok(all.length > 0);
        for (const field of ["name", "port"] as const) {
          assert.equal(new Set(all.map((each) => each[field])).size, all.length);
        }
        const spoken = new Map(all.map(({ targetPort, protocol }) => [targetPort, protocol]));
        assert.ok(all.every(({ targetPort, protocol }) => spoken.get(targetPort) === protocol));
      }),
      { numRuns: 1000 },
    );
  });
});
