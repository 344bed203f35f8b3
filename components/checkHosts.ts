import { takesIn } from "../src/validation/names";
import { type Findings, shown } from "../src/validation/problem";
import { type Check, list, plain } from "../src/validation/shape";
import { host } from "../src/validation/values";

const eachHost = list(plain(host), "a list of host names, [] for none,");

/** The check of an app's hosts: full host names, none of which is covered by another. */
export const hostsCheck: Check = (value, findings) => {
  const before = findings.all().length;
  eachHost(value, findings);
  if (findings.all().length === before && Array.isArray(value)) {
    value.forEach((each, index) => checkOverlap(each, value.slice(0, index), findings.field(index)));
  }
};

function checkOverlap(name: unknown, earlier: readonly unknown[], findings: Findings): void {
  const other = earlier.findIndex((each) => takesIn(each, name) || takesIn(name, each));
  if (other >= 0) {
    const how = takesIn(earlier[other], name)
      ? `which hosts[${other}] covers already`
      : `which covers hosts[${other}], too`;
    findings.add(`is ${shown(name)}, ${how}`, "leave one of them out: Istio refuses hosts that overlap");
  }
}
