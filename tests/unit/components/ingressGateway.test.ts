import assert from "node:assert/strict";
import { addressOf, gatewaySelector } from "../../../components/ingressGateway";

describe("the ingress gateway", () => {
  const selectors: [name: string, gateway: Parameters<typeof gatewaySelector>[0], labels: object][] = [
    ["its usual Release", {}, { istio: "ingressgateway" }],
    ["a Release whose name starts with istio-", { release: "istio-edge" }, { istio: "edge" }],
    ["a Release of another name", { release: "edge" }, { istio: "edge" }],
    ["a Release with istio- inside its name", { release: "my-istio-edge" }, { istio: "my-istio-edge" }],
    ["labels that were given", { release: "edge", selector: { app: "gw" } }, { app: "gw" }],
  ];
  for (const [name, gateway, labels] of selectors) {
    it(`is found by ${JSON.stringify(labels)}: ${name}`, () => assert.deepEqual(gatewaySelector(gateway), labels));
  }

  const addresses: [name: string, service: Parameters<typeof addressOf>, address: string][] = [
    [
      "the balancer's name before its address",
      [{}, { loadBalancer: { ingress: [{ ip: "203.0.113.7", hostname: "lb.example.com" }] } }],
      "lb.example.com",
    ],
    [
      "the balancer before all else",
      [{ externalIPs: ["198.51.100.1"] }, { loadBalancer: { ingress: [{ ip: "203.0.113.7" }] } }],
      "203.0.113.7",
    ],
    [
      "an outside address before the inside one",
      [{ externalIPs: ["198.51.100.1"], clusterIP: "10.0.0.1" }, { loadBalancer: {} }],
      "198.51.100.1",
    ],
    [
      "the inside address where there is no other",
      [{ externalIPs: [], clusterIP: "10.0.0.1" }, { loadBalancer: { ingress: [] } }],
      "10.0.0.1",
    ],
    ["nothing while nothing is known", [undefined, undefined], ""],
  ];
  for (const [name, service, address] of addresses) {
    it(`answers at ${name}`, () => assert.equal(addressOf(...service), address));
  }
});
