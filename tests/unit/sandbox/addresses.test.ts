import assert from "node:assert/strict";
import fc from "fast-check";
import {
  checkName,
  chooseSubnet,
  destinationsOf,
  namesOf,
  routeInTheWay,
  subnetOf,
} from "../../../sandbox/cluster/addresses";
import { SandboxError } from "../../../sandbox/cluster/errors";

describe("a sandbox's names and addresses", () => {
  it("takes DNS labels of at most 10 characters as names", () => {
    for (const name of ["canary", "a", "life-2", "0123456789"]) assert.equal(checkName(name), name);
    for (const name of ["", "Canary", "-a", "a-", "01234567890", "a.b", "a_b", "../x", "a b"]) {
      assert.throws(
        () => checkName(name),
        (error: Error) => error instanceof SandboxError && error.message.includes(JSON.stringify(name)),
        name,
      );
    }
  });

  it("keeps device names within the kernel's 15 characters, and apart from each other", () => {
    assert.ok(namesOf("0123456789").hostDevice.length <= 15);
    assert.notEqual(namesOf("a").hostDevice, namesOf("b").hostDevice);
    assert.notEqual(namesOf("a").cgroup, namesOf("b").cgroup);
  });

  it("gives a name the same subnet each time if nothing is in the way", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/), (name) => {
        const subnet = chooseSubnet(name, [], []);
        assert.deepEqual(chooseSubnet(name, [], []), subnet);
        assert.ok(subnet.number >= 0 && subnet.number <= 255);
      }),
    );
  });

  it("never chooses a subnet that another sandbox or a route has, as long as one is free", () => {
    const numbers = fc.uniqueArray(fc.nat(255), { maxLength: 120 });
    fc.assert(
      fc.property(numbers, numbers, (others, routed) => {
        const routes = routed.map((number) => subnetOf(number).cidr);
        const { number } = chooseSubnet("canary", routes, others);
        assert.ok(!others.includes(number) && !routed.includes(number));
      }),
    );
  });

  it("says so when none is free", () => {
    assert.throws(
      () => chooseSubnet("canary", ["10.77.0.0/16"], []),
      /No free subnet for the sandbox "canary".*ip route/s,
    );
    assert.throws(() => chooseSubnet("canary", [], [...Array(256).keys()]), SandboxError);
  });

  it("sees routes inside, around and equal to the subnet, but not ones that hold everything private", () => {
    const subnet = subnetOf(12);
    for (const route of ["10.77.12.0/24", "10.77.12.128/25", "10.77.12.7/32", "10.77.8.0/21", "10.77.0.0/16"]) {
      assert.equal(routeInTheWay(subnet, ["192.168.0.0/24", route]), route);
    }
    for (const route of ["10.0.0.0/8", "0.0.0.0/0", "10.77.13.0/24", "10.77.11.255/32", "10.78.0.0/16"]) {
      assert.equal(routeInTheWay(subnet, [route]), undefined, route);
    }
  });

  it("reads destinations out of what `ip route` prints", () => {
    const output = [
      "default via 192.0.2.1 dev eth0 ",
      "192.0.2.0/24 dev eth0 proto kernel scope link src 192.0.2.2 ",
      "10.77.3.0/24 dev sb-canary proto kernel scope link src 10.77.3.1 ",
      "local 10.77.4.1 dev sb-other table local proto kernel scope host src 10.77.4.1 ",
      "blackhole 10.77.5.0/24 ",
      "10.77.6.9 via 192.0.2.9 dev eth0 ",
      "",
    ].join("\n");
    assert.deepEqual(destinationsOf(output, "sb-canary"), [
      "192.0.2.0/24",
      "10.77.4.1/32",
      "10.77.5.0/24",
      "10.77.6.9/32",
    ]);
  });
});
