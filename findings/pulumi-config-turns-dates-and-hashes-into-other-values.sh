#!/usr/bin/env bash
# What a stack's config file says without quotes is not what the program gets, where it looks like a date or a number:
# Pulumi reads Pulumi.STACK.yaml by Go's yaml.v3 and hands on what that makes of a scalar, printed by Go. A version that
# is named by its date, 2026-11-28, becomes the text "2026-11-28 00:00:00 +0000 UTC"; one that is named by the first
# digits of a commit, 0123456, the number 42798, since a leading zero is octal there. Parsers of YAML 1.2, as JavaScript
# programs use, read "2026-11-28" and 123456 in the same file.
#
# Seen: github.com/pulumi/pulumi/sdk/v3 v3.274.1 (workspace.LoadProjectStack), beside yaml 2.9.1 of npm; Go 1.26.
# Output: each scalar, what Pulumi's SDK has for it, and what the npm package has.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
cat >Pulumi.yaml <<'YAML'
name: shop
runtime: nodejs
YAML
cat >Pulumi.dev.yaml <<'YAML'
config:
  shop:date: 2026-11-28
  shop:hash: 0123456
  shop:mixed: 12e4567
  shop:quoted: "0123456"
YAML
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
)

func main() {
	sink := diag.DefaultSink(os.Stderr, os.Stderr, diag.FormatOptions{Color: colors.Never})
	project, err := workspace.LoadProject("Pulumi.yaml")
	if err != nil {
		panic(err)
	}
	stack, err := workspace.LoadProjectStack(sink, project, "Pulumi.dev.yaml")
	if err != nil {
		panic(err)
	}
	for _, name := range []string{"date", "hash", "mixed", "quoted"} {
		value, err := stack.Config[config.MustMakeKey("shop", name)].Value(config.NopDecrypter)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s: %s\n", name, value)
	}
}
GO
go mod init example.com/finding 2>/dev/null
go get github.com/pulumi/pulumi/sdk/v3@v3.274.1 2>/dev/null
go mod tidy 2>/dev/null
go run . | tee pulumi.txt
echo '{ "private": true }' >package.json
npm install --silent --ignore-scripts --no-audit --no-fund yaml@2.9.1 >/dev/null
node -e '
  const { config } = require("yaml").parse(require("fs").readFileSync("Pulumi.dev.yaml", "utf8"));
  for (const [key, value] of Object.entries(config)) console.log(`${key.slice(5)} by npm: ${value}`);' | tee npm.txt
diff - pulumi.txt <<'TXT' || { echo "CHANGED: Pulumi reads otherwise" >&2; exit 1; }
date: 2026-11-28 00:00:00 +0000 UTC
hash: 42798
mixed: 12e4567
quoted: 0123456
TXT
diff - npm.txt <<'TXT' || { echo "CHANGED: the npm package reads otherwise" >&2; exit 1; }
date by npm: 2026-11-28
hash by npm: 123456
mixed by npm: Infinity
quoted by npm: 0123456
TXT
echo "as described"
