#!/usr/bin/env bash
# @kubernetes/client-node is written in TypeScript and publishes its declarations, and a project that installs nothing
# else cannot compile them: they import isomorphic-ws, whose declarations import `ws`, and the package depends on `ws`
# without depending on `@types/ws`. Whoever sets skipLibCheck never sees it; a library that has a type of the client's
# in its own declarations hands the error on to each of its users. With @types/ws beside it, it compiles.
#
# Seen: @kubernetes/client-node 1.4.0 and 2.0.1, TypeScript 5.9.3 (strict, module node16).
# Output, for each version: "isomorphic-ws TS7016 without @types/ws, no error with it".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

errors() { # the errors of a program that uses the client, as "FILE CODE" each
  npx --no-install tsc --noEmit --strict --module node16 --target es2022 --skipLibCheck false index.ts |
    sed -nE 's#^node_modules/([^/]+)/.*error (TS[0-9]+):.*#\1 \2#p' | sort -u || true
}

for version in 1.4.0 2.0.1; do
  mkdir "$folder/$version" && cd "$folder/$version"
  echo '{ "name": "finding", "private": true, "type": "module" }' >package.json
  npm install --silent --ignore-scripts --no-audit --no-fund "@kubernetes/client-node@$version" typescript@5.9.3 >/dev/null
  cat >index.ts <<'TS'
import { KubeConfig } from "@kubernetes/client-node";
export const config = new KubeConfig();
TS
  without=$(errors)
  npm install --silent --ignore-scripts --no-audit --no-fund @types/ws@8.18.1 >/dev/null
  with=$(errors)
  echo "$version: ${without:-no error} without @types/ws, ${with:-no error} with it"
  [ "$without" = "isomorphic-ws TS7016" ] || { echo "CHANGED: without @types/ws: $without" >&2; exit 1; }
  [ -z "$with" ] || { echo "CHANGED: with @types/ws: $with" >&2; exit 1; }
done
echo "as described"
