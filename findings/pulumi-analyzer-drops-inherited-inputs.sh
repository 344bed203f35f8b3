#!/usr/bin/env bash
# Where a component's arguments are an interface that extends another one, Pulumi's schema inference for component packages leaves
# out what is inherited, up to @pulumi/pulumi 3.229.0: no error, no warning, and programs in other languages have no such argument.
# Since 3.230.0 it is there. So a package that infers its schema needs 3.230.0, though its TypeScript compiles with older versions.
#
# Seen: @pulumi/pulumi 3.229.0 and 3.230.0, TypeScript 5.9.3, Node 20.
# Output: "3.229.0 name", "3.230.0 name,replicas".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

inputs() { # VERSION: the inputs that the analyzer finds with this version of the SDK
  mkdir -p "$1/component" && cd "$1"
  echo '{ "name": "finding", "version": "1.0.0", "private": true }' | tee component/package.json >package.json
  npm install --silent --ignore-scripts --no-audit --no-fund "@pulumi/pulumi@$1" typescript@5.9.3 >/dev/null
  echo '{ "compilerOptions": { "strict": true, "module": "commonjs", "target": "es2022" } }' >component/tsconfig.json
  cat >component/index.ts <<'TS'
import * as pulumi from "@pulumi/pulumi";

export interface ScaledArgs {
  replicas?: pulumi.Input<number>;
}

export interface ServerArgs extends ScaledArgs {
  name: pulumi.Input<string>;
}

export class Server extends pulumi.ComponentResource {
  constructor(name: string, args: ServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("finding:index:Server", name, args, opts);
  }
}
TS
  node -e '
    const { Analyzer } = require("@pulumi/pulumi/provider/experimental/analyzer");
    const folder = require("node:path").resolve("component");
    const analyzer = new Analyzer(folder, "finding", { name: "finding", dependencies: {} }, new Set(["Server"]));
    console.log(Object.keys(analyzer.analyze().components.Server.inputs).sort().join());
  '
  cd ..
}

before=$(inputs 3.229.0)
since=$(inputs 3.230.0)
printf '3.229.0 %s\n3.230.0 %s\n' "$before" "$since"
[ "$before" = name ] || { echo "CHANGED: 3.229.0 finds $before" >&2; exit 1; }
[ "$since" = name,replicas ] || { echo "CHANGED: 3.230.0 finds $since" >&2; exit 1; }
echo "as described"
