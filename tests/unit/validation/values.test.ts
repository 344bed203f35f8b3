import { shown } from "../../../src/validation/problem";
import type { Check } from "../../../src/validation/shape";
import {
  amount,
  anything,
  dnsLabel,
  duration,
  extraFields,
  flag,
  host,
  integer,
  oneOf,
  pattern,
  percentage,
  port,
  text,
} from "../../../src/validation/values";
import { assertProblems, problemsOf } from "../problems";

const checks: [name: string, check: Check, sound: unknown[], wrong: unknown[], says: string][] = [
  ["a text", text("a path"), ["/", " x "], ["", " ", 5, null, ["/"]], "a path is needed"],
  [
    "a text of a form",
    pattern(/^v\d$/, "v and a digit"),
    ["v1"],
    ["v", "v10", 1, null, ["v1"]],
    "v and a digit is needed",
  ],
  ["true or false", flag, [true, false], ["true", "false", 0, 1, null], "true or false is needed, without quotes"],
  [
    "a whole number",
    integer(1, 3, "a number from 1 to 3"),
    [1, 3],
    [0, 4, 1.5, "2", null, Number.NaN],
    "a number from 1 to 3 is needed",
  ],
  [
    "a number",
    amount(0, 1, "a number from 0 to 1"),
    [0, 0.5, 1],
    [-0.1, 1.1, "0.5", null, Number.NaN, 0n],
    "a number from 0 to 1 is needed",
  ],
  ["a percentage", percentage, [0, 0.1, 100], [-1, 100.1, "5%"], "from 0 to 100"],
  ["a duration", duration, ["1ms", "1.5s"], ["0s", "5", 5], "at least 1ms"],
  ["a port", port, [1, 65535], [0, 65536, "80"], "a port from 1 to 65535"],
  ["a short DNS label", dnsLabel(3), ["abc"], ["ABC", "", 5], "a DNS label is needed"],
  ["a longer DNS label than allowed", dnsLabel(3), ["abc"], ["abcd"], "at most 3 are allowed"],
  ["a DNS label of any length that is one", dnsLabel(), ["x".repeat(63)], [], ""],
  ["a longer DNS label than there is", dnsLabel(), [], ["x".repeat(64)], ", 64 characters long"],
  ["a host", host, ["*", "a.com"], ["a_b", 5], "a host name is needed"],
  ["one of some texts", oneOf(["A", "B"]), ["A", "B"], ["a", "", 5, null, ["A"]], "one of A, B is needed"],
  ["anything", anything, [null, 5, "", {}], [], ""],
  [
    "fields of the API",
    extraFields,
    [{}, { fault: {} }],
    [null, "fault", 5, [], [{}]],
    "an object of fields as the API spells them",
  ],
];

describe("a value", () => {
  for (const [name, check, sound, wrong, says] of checks) {
    it(`that is ${name}`, () => {
      for (const value of sound) {
        assertProblems(
          problemsOf((findings) => check(value, findings), "x"),
          [],
        );
      }
      for (const value of wrong) {
        assertProblems(
          problemsOf((findings) => check(value, findings), "x"),
          [["x", `is ${shown(value)}`, says]],
        );
      }
    });
  }
});
