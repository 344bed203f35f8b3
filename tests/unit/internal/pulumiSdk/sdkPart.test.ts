import assert from "node:assert/strict";
import {
  KNOWN_TO_WORK,
  MissingSdkPart,
  type SdkPart,
  sdkMember,
  sdkPart,
} from "../../../../src/internal/pulumiSdk/sdkPart";
import { sdkWith } from "./fakeSdk";

const PART: SdkPart = { module: "runtime/x", name: "y", kind: "function", purpose: "to test it" };
const { oldest, newest } = KNOWN_TO_WORK;
const KNOWN = `versions ${oldest} to ${newest} are known to work: install one of these, or a newer canary-app`;
const lacks = (what: string, version = "3.999.0") => ({
  name: "MissingSdkPart",
  message: `@pulumi/pulumi ${version} has no ${what}, which canary-app needs to test it; ${KNOWN}`,
});

describe("a part of Pulumi's SDK that is not public", () => {
  it("is what the SDK has under its name", () => {
    const y = () => 5;
    assert.equal(sdkPart(PART, sdkWith({ "runtime/x": { y } })), y);
    assert.equal(sdkPart({ ...PART, kind: "object", name: "z" }, sdkWith({ "runtime/x": { z: PART } })), PART);
  });

  it("is said to be missing, with the version and those that have it: its module, its name, or what it was", () => {
    assert.throws(() => sdkPart(PART, sdkWith({})), lacks("function runtime/x.y"));
    assert.throws(() => sdkPart(PART, sdkWith({ "runtime/x": {} })), lacks("function runtime/x.y"));
    assert.throws(
      () => sdkPart(PART, sdkWith({ "runtime/x": { y: {} } }, "4.0.0")),
      lacks("function runtime/x.y", "4.0.0"),
    );
    assert.throws(
      () => sdkPart({ ...PART, kind: "object" }, sdkWith({ "runtime/x": { y: null } })),
      lacks("object runtime/x.y"),
    );
  });

  it("is missing, too, where the SDK does not let its module be seen", () => {
    const closed = Object.assign(new Error("Package subpath './runtime/x' is not defined"), {
      code: "ERR_PACKAGE_PATH_NOT_EXPORTED",
    });
    const load = (name: string) => {
      if (name.endsWith("/package.json")) {
        return { version: "4.1.0" };
      }
      throw closed;
    };
    assert.throws(() => sdkPart(PART, load), lacks("function runtime/x.y", "4.1.0"));
  });

  it("is not held for missing where the SDK cannot be loaded for another reason", () => {
    const broken = Object.assign(new Error("Cannot find module 'other'\nRequire stack:\n- @pulumi/pulumi/runtime/x"), {
      code: "MODULE_NOT_FOUND",
    });
    const load = (name: string) => {
      if (name.endsWith("/package.json")) {
        return { version: "3.999.0" };
      }
      throw broken;
    };
    assert.throws(() => sdkPart(PART, load), broken);
  });

  it("is not spoken of where there is no SDK at all", () => {
    const load = (name: string) => {
      throw Object.assign(new Error(`Cannot find module '${name}'`), { code: "MODULE_NOT_FOUND" });
    };
    assert.throws(() => sdkPart(PART, load), {
      code: "MODULE_NOT_FOUND",
      message: "Cannot find module '@pulumi/pulumi/runtime/x'",
    });
  });

  it("may be a member of an object, which is called as one", () => {
    const counter = {
      count: 1,
      next(): number {
        return ++this.count;
      },
    };
    const part = { ...PART, name: "Counter.next" };
    assert.equal(sdkMember<() => number>(counter, part)(), 2);
    assert.throws(() => sdkMember({}, part, sdkWith({})), lacks("function runtime/x.Counter.next"));
    assert.throws(() => sdkMember(undefined, part, sdkWith({})), MissingSdkPart);
  });
});
