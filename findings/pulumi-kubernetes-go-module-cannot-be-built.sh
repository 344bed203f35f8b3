#!/usr/bin/env bash
# Pulumi's Kubernetes provider is served as a Go module, with its main package, and `go install` of that package fails: it embeds two
# files that the release process makes beside it and that are in no published version. So nobody can have the provider from the Go
# module proxy as it stands; one has to make both files from two others that are in the module.
#
# Seen: github.com/pulumi/pulumi-kubernetes/provider/v4 at v4.0.0-20260115033456-f47bc2d6f199 (release 4.25.0), Go 1.26.
# Output: "pattern schema-embed.json: no matching files found" for cmd/pulumi-resource-kubernetes, and schema.json and
# terraform-mapping.json, which the two are made from, beside it.
set -euo pipefail
version=v4.0.0-20260115033456-f47bc2d6f199
module=github.com/pulumi/pulumi-kubernetes/provider/v4
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
export GOMODCACHE="$folder/modules" GOFLAGS=-mod=mod GOWORK=off
cd "$folder"
go mod init example.com/finding 2>/dev/null
go mod edit -require "$module@$version"
dir=$(go mod download -json "$module" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')/cmd/pulumi-resource-kubernetes
cd "$dir"
said=$(go list -e -f '{{with .Error}}{{.Err}}{{end}}' . 2>&1 || true)
echo "${said##*$'\n'}"
ls
grep -q 'pattern schema-embed.json: no matching files found' <<<"$said" || { echo "CHANGED: the package's files are complete" >&2; exit 1; }
for file in schema.json terraform-mapping.json; do
  [ -f "$file" ] || { echo "CHANGED: $file is gone, too" >&2; exit 1; }
done
for file in schema-embed.json terraform-mapping-embed.json; do
  [ ! -e "$file" ] || { echo "CHANGED: $file is there" >&2; exit 1; }
done
echo "as described"
