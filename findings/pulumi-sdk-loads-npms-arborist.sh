#!/usr/bin/env bash
# With @pulumi/pulumi up to 3.270.0, a Pulumi program that needs nothing but resources loads TypeScript's compiler and
# npm's installer: the SDK requires `typescript` and `@npmcli/arborist` when it is required itself, for functions that a
# program may serialize later (`pulumi.dynamic`, callbacks of serverless resources). With what they need in turn
# (sigstore's clients, TUF, pacote, cacache, …) that is more than half of all modules, in each run of each program. With
# 3.276.0 it is not so: to update the SDK is to halve what a program loads at its start.
#
# Seen: @pulumi/pulumi 3.248.0, 3.270.0 and 3.276.0, typescript 5.9.3.
# Output, for each version: how many modules `require("@pulumi/pulumi")` loads, and how many of them are loaded because
# of these two: 446 of 769 and 446 of 763, then 1 of 315.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for version in 3.248.0 3.270.0 3.276.0; do
  mkdir "$folder/$version" && cd "$folder/$version"
  echo '{ "name": "finding", "private": true }' >package.json
  npm install --silent --ignore-scripts --no-audit --no-fund "@pulumi/pulumi@$version" typescript@5.9.3 >/dev/null
  cat >count.cjs <<'JS'
// Loads the SDK, with or without empty stand-ins for the two, and counts what node has loaded.
const Module = require("node:module");
if (process.argv[2] === "without") {
  const load = Module._load;
  const empty = new Proxy(class {}, { get: (target, key) => (key === "__esModule" ? true : target[key]) });
  Module._load = (name, ...rest) => (["typescript", "@npmcli/arborist"].includes(name) ? empty : load(name, ...rest));
}
require("@pulumi/pulumi");
console.log(Object.keys(require.cache).length);
JS
  all=$(node count.cjs with)
  rest=$(node count.cjs without)
  echo "$version: $all modules, $((all - rest)) of them because of typescript and @npmcli/arborist"
  more=$([ $((2 * (all - rest))) -gt "$all" ] && echo yes || echo no)
  [ "$more" = "$([ "$version" = 3.276.0 ] && echo no || echo yes)" ] || { echo "CHANGED: more than half: $more" >&2; exit 1; }
done
echo "as described"
