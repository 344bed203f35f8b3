#!/usr/bin/env bash
# Code that esbuild has written without needless spaces, as tsx does with every file that it loads, cannot go through
# sucrase where an awaited value has a default: of `return (await read()).size ?? 1` esbuild makes
# `return(await read()).size??1`, which is right, and sucrase makes `returnawait _asyncNullishCoalesce(…)` of that, which
# is a call of something that does not exist: a syntax error. It puts its own `await` in front of the parenthesis and
# counts on a space that need not be there. Straight from TypeScript, with the space, it is right. So a Pulumi program that
# sucrase compiles runs by `pulumi up`, and not under a test runner that loads it with tsx as well.
#
# Seen: sucrase 3.35.1 (the newest), esbuild 0.28.2, Node 20.
# Output: "from TypeScript: runs, gives 1", "from esbuild's output: SyntaxError: …".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "name": "finding", "private": true }' >package.json
npm install --silent --no-audit --no-fund sucrase@3.35.1 esbuild@0.28.2 >/dev/null

cat >compile.cjs <<'JS'
const { transformSync } = require("esbuild");
const { transform } = require("sucrase");
const source = `
  async function read(): Promise<{ size?: number }> { return {}; }
  async function size(): Promise<number> { return (await read()).size ?? 1; }
`;
const spaceless = transformSync(source, { loader: "ts", minifyWhitespace: true, target: "es2022" }).code;
async function outcome(code) {
  const compiled = transform(code, { transforms: ["typescript", "imports"] }).code;
  try {
    return `runs, gives ${await new Function(`${compiled}; return size();`)()}`;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}
(async () => {
  console.log(`from TypeScript: ${await outcome(source)}`);
  console.log(`from esbuild's output: ${await outcome(spaceless)}`);
})();
JS
node compile.cjs | tee output
grep -qx 'from TypeScript: runs, gives 1' output || { echo "CHANGED: the source itself" >&2; exit 1; }
grep -q '^from esbuild.s output: SyntaxError: ' output || { echo "CHANGED: esbuild's output compiles" >&2; exit 1; }
echo "as described"
