package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/proto"
)

func (h *testHost) required(dir string) []string {
	h.t.Helper()
	response, err := h.GetRequiredPackages(h.t.Context(), &pulumirpc.GetRequiredPackagesRequest{Info: info(dir)})
	if err != nil {
		h.t.Fatal(err)
	}
	var names []string
	for _, each := range response.Packages {
		names = append(names, each.Kind+" "+each.Name+" "+each.Version)
	}
	slices.Sort(names)
	return names
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%q\nexpected %q", got, want)
	}
}

func TestRequiredPackages(t *testing.T) {
	const sdk = `"pulumi": {"resource": true}`
	root := folder(t, map[string]string{
		"node_modules/@pulumi/random/package.json":                          `{"name": "@pulumi/random", "version": "1.0.0", ` + sdk + `}`,
		"node_modules/@pulumi/random/node_modules/@pulumi/tls/package.json": `{"name": "@pulumi/tls", "version": "v2.0.0", ` + sdk + `}`,
		"node_modules/@pulumi/pulumi/package.json":                          `{"name": "@pulumi/pulumi", "version": "3.0.0"}`,
		"node_modules/named/package.json":                                   `{"name": "named", "version": "1.1.1", "pulumi": {"resource": true, "name": "other", "version": "4.0.0"}}`,
		"node_modules/@third/party/package.json":                            `{"name": "@third/party", "version": "1.0.0", ` + sdk + `}`,
		"node_modules/not-one/package.json":                                 `{"name": "not-one", "version": "1.0.0", "pulumi": {"resource": false, "name": "none"}}`,
		"node_modules/odd/package.json":                                     `{"name": "odd", "version": "1.0.0", "pulumi": true, "dependencies": []}`,
		"node_modules/nameless/package.json":                                `{}`,
		"node_modules/empty/README.md":                                      ``,
		"node_modules/a-file":                                               ``,
		"node_modules/.bin/package.json":                                    `{"name": "@pulumi/hidden", "version": "1.0.0", ` + sdk + `}`,
		// A package manager that links each package to its place in a store, its dependencies beside it.
		"node_modules/.store/linked@1/node_modules/linked/package.json":            `{"name": "linked", "version": "1.0.0"}`,
		"node_modules/.store/linked@1/node_modules/@pulumi/aws/package.json":       `{"name": "@pulumi/aws", "version": "7.0.0", ` + sdk + `}`,
		"apps/a [b] {c}*?/package.json":                                            `{"name": "app"}`,
		"apps/a [b] {c}*?/node_modules/@pulumi/gcp/package.json":                   `{"name": "@pulumi/gcp", "version": "9.0.0", ` + sdk + `}`,
		"apps/a [b] {c}*?/node_modules/@pulumi/random/package.json":                `{"name": "@pulumi/random", "version": "1.0.0", ` + sdk + `}`,
		"apps/other/node_modules/@pulumi/azure/package.json":                       `{"name": "@pulumi/azure", "version": "9.0.0", ` + sdk + `}`,
		"node_modules/@pulumi/random/fixtures/node_modules/@pulumi/x/package.json": `{"name": "@pulumi/x", "version": "1.0.0", ` + sdk + `}`,
	})
	link(t, ".store/linked@1/node_modules/linked", filepath.Join(root, "node_modules", "linked"))
	link(t, root, filepath.Join(root, "node_modules", "cycle"))
	link(t, "nowhere", filepath.Join(root, "node_modules", "dangling"))
	h := startHost(t)
	all := []string{"resource aws 7.0.0", "resource gcp 9.0.0", "resource other 4.0.0", "resource random 1.0.0", "resource tls v2.0.0"}
	dir := filepath.Join(root, "apps", "a [b] {c}*?")
	same(t, h.required(dir), all...)
	linked := filepath.Join(t.TempDir(), "link")
	link(t, dir, linked)
	same(t, h.required(linked), all...)
	same(t, h.required(folder(t, nil)))
	if text := h.stderr.String(); text != "" {
		t.Errorf("the user was told %q", text)
	}
}

func TestParameterizedPackages(t *testing.T) {
	h := startHost(t)
	dir := folder(t, map[string]string{"node_modules/a/package.json": `{"name": "a", "version": "0.1.0", "pulumi": {
		"resource": true, "name": "bridge", "version": "1.2.3", "server": "https://example.com",
		"parameterization": {"name": "a", "version": "0.0.1", "value": "eyJhIjoxfQ=="},
		"extensionParameterization": {"name": "e", "version": "0.0.2", "value": "AAE="}}}`})
	response, err := h.GetRequiredPackages(t.Context(), &pulumirpc.GetRequiredPackagesRequest{Info: info(dir)})
	if err != nil {
		t.Fatal(err)
	}
	want := &pulumirpc.GetRequiredPackagesResponse{Packages: []*pulumirpc.PackageDependency{{
		Name: "bridge", Kind: "resource", Version: "1.2.3", Server: "https://example.com",
		Parameterization: &pulumirpc.PackageParameterization{Name: "a", Version: "0.0.1", Value: []byte(`{"a":1}`)},
		Extension:        &pulumirpc.PackageParameterization{Name: "e", Version: "0.0.2", Value: []byte{0, 1}},
	}}}
	if !proto.Equal(response, want) {
		t.Errorf("%v\n%v", response, want)
	}
}

func TestMalformedPackages(t *testing.T) {
	h := startHost(t)
	dir := folder(t, map[string]string{
		"package.json":                          `{"name": "app",`,
		"node_modules/broken/package.json":      `{"name": "broken" "version"}`,
		"node_modules/bad-value/package.json":   `{"name": "bad-value", "version": "1.0.0", "pulumi": {"resource": true, "name": "n", "parameterization": {"value": "?"}}}`,
		"node_modules/@pulumi/tls/package.json": `{"name": "@pulumi/tls", "version": "1.0.0", "pulumi": {"resource": true}}`,
	})
	same(t, h.required(dir), "resource tls 1.0.0")
	h.eventually("what cannot be read", func() bool {
		return strings.Contains(h.stderr.String(), "broken/package.json: invalid character") && strings.Contains(h.stderr.String(), "bad-value/package.json: illegal base64")
	})
	for transitive, file := range map[bool]string{false: filepath.Join(dir, "package.json") + ": unexpected end", true: "broken/package.json: invalid character"} {
		_, err := h.GetProgramDependencies(t.Context(), &pulumirpc.GetProgramDependenciesRequest{Info: info(dir), TransitiveDependencies: transitive})
		contains(t, fmt.Sprint(err), file)
	}
}

func TestProgramDependencies(t *testing.T) {
	h := startHost(t)
	root := folder(t, map[string]string{
		"package.json":                               `{"name": "root", "dependencies": {"unused": "1"}}`,
		"node_modules/a/package.json":                `{"name": "a", "version": "1.0.0"}`,
		"node_modules/a/node_modules/d/package.json": `{"name": "d", "version": "1.0.0"}`,
		"node_modules/@s/b/package.json":             `{"name": "@s/b", "version": "2.0.0"}`,
		"node_modules/d/package.json":                `{"name": "d", "version": "2.0.0"}`,
		"app/package.json":                           `{"name": "app", "dependencies": {"a": "^1", "absent": "^1"}, "devDependencies": {"@s/b": "^2"}, "optionalDependencies": {"c": "^3", "missing": "^1"}}`,
		"app/node_modules/c/package.json":            `{"name": "c", "version": "3.0.0"}`,
	})
	link(t, filepath.Join(root, "node_modules", "a"), filepath.Join(root, "app", "node_modules", "a"))
	list := func(dir string, transitive bool) (all []string) {
		t.Helper()
		response, err := h.GetProgramDependencies(t.Context(), &pulumirpc.GetProgramDependenciesRequest{Info: info(dir), TransitiveDependencies: transitive})
		if err != nil {
			t.Fatal(err)
		}
		for _, each := range response.Dependencies {
			all = append(all, each.Name+" "+each.Version)
		}
		return all
	}
	same(t, list(filepath.Join(root, "app"), false), "@s/b 2.0.0", "a 1.0.0", "c 3.0.0")
	same(t, list(filepath.Join(root, "app"), true), "@s/b 2.0.0", "a 1.0.0", "c 3.0.0", "d 1.0.0", "d 2.0.0")
	same(t, list(folder(t, nil), false))
}

func TestAbout(t *testing.T) {
	h := startHost(t)
	response, err := h.About(t.Context(), &pulumirpc.AboutRequest{Info: info(folder(t, nil))})
	if err != nil {
		t.Fatal(err)
	}
	version, err := exec.Command(response.Executable, "--version").Output()
	if err != nil || response.Version == "" || response.Version != strings.TrimSpace(string(version)) || !filepath.IsAbs(response.Executable) {
		t.Error(response, err)
	}
}
