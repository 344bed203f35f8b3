import * as pulumi from "@pulumi/pulumi";
import { isObject } from "../src/internal/objects";
import { isOutput } from "../src/internal/pulumiSdk/marks";

/** A value deep inside others; undefined if the path ends early. It waits for nothing beside the path. */
export function valueAt(values: unknown, [name, ...rest]: readonly string[]): pulumi.Output<unknown> {
  if (isLate(values)) {
    return whole(values).apply((known) => valueAt(known, [name, ...rest]));
  }
  const value = isObject(values) ? values[name] : undefined;
  return rest.length === 0 ? pulumi.output(value) : valueAt(value, rest);
}

/** The same field of each element of a list; none if there is no list. */
export function valuesAt(values: unknown, list: string, name: string): pulumi.Output<unknown[]> {
  if (isLate(values)) {
    return whole(values).apply((known) => valuesAt(known, list, name));
  }
  const elements = isObject(values) ? values[list] : undefined;
  if (isLate(elements)) {
    return whole(elements).apply((known) => valuesAt({ [list]: known }, list, name));
  }
  return pulumi.all(Array.isArray(elements) ? elements.map((element) => valueAt(element, [name])) : []);
}

function isLate(value: unknown): value is pulumi.Output<unknown> | Promise<unknown> {
  return isOutput(value) || value instanceof Promise;
}

function whole(value: pulumi.Output<unknown> | Promise<unknown>): pulumi.Output<unknown> {
  return pulumi.output(value as pulumi.Input<object>);
}
