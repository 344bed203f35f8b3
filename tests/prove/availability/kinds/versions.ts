import * as fc from "fast-check";
import { percents } from "../../../unit/arbitraries";
import { appKind, image, version } from "../appKind";
import type { Kind } from "../kind";

const three = [1, 2, 3].map((number) => version(number));

const weights = appKind({
  name: "weights",
  changes: "the weights of three versions, to random ones",
  repetitions: 100,
  first: { versions: three, weights: { v1: 100, v2: 0, v3: 0 } },
  steps: () => {
    const [[v1, v2, v3]] = fc.sample(percents(3), 1);
    return [{ versions: three, weights: { v1, v2, v3 } }];
  },
});

const comeAndGo = appKind({
  name: "versions",
  changes: "a version added with half of the traffic, then removed with it",
  first: { versions: [version(1)], weights: { v1: 100 } },
  steps: (round) => {
    const [stays, comes] = [version(1), version(round + 1)];
    return [
      { versions: [stays, comes], weights: { [stays.name]: 50, [comes.name]: 50 } },
      { versions: [stays], weights: { [stays.name]: 100 } },
    ];
  },
});

const replaced = appKind({
  name: "replaced",
  changes: "all versions replaced by others in one up",
  first: { versions: [version(1), version(2)], weights: { v1: 50, v2: 50 } },
  steps: (round) => {
    const [first, second] = [version(2 * round + 1), version(2 * round + 2)];
    return [{ versions: [first, second], weights: { [first.name]: 50, [second.name]: 50 } }];
  },
});

const newImage = appKind({
  name: "image",
  changes: "another image under the same version's name",
  first: { versions: [{ name: "v1", image: image("1.0") }], weights: { v1: 100 } },
  steps: (round) => [
    { versions: [{ name: "v1", image: image(round % 2 === 1 ? "2.0" : "1.0") }], weights: { v1: 100 } },
  ],
});

const promoted = appKind({
  name: "promoted",
  changes: "a canary brought to 10%, 50%, 100%, and the old version removed",
  first: { versions: [version(1)], weight: 100 },
  steps: (round) => {
    const versions = [version(round), version(round + 1)];
    return [...[0, 10, 50, 100].map((weight) => ({ versions, weight })), { versions: [versions[1]], weight: 100 }];
  },
});

/** Changes of versions and their weights. */
export const VERSION_KINDS: readonly Kind[] = [weights, comeAndGo, replaced, newImage, promoted];
