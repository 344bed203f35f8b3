package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folder is one with files; "/" at the end of a name makes a folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		write(t, filepath.Join(dir, name), content)
	}
	return dir
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// program is a folder with a program that finds this repository's packages.
func program(t *testing.T, index string) string {
	t.Helper()
	dir := folder(t, map[string]string{"index.js": index, "package.json": `{"name": "program", "version": "1.2.3"}`})
	link(t, repositoryModules(t), filepath.Join(dir, "node_modules"))
	return dir
}

func repositoryModules(t *testing.T) string {
	t.Helper()
	modules, err := filepath.Abs("../../../../node_modules")
	if err != nil {
		t.Fatal(err)
	}
	if !exists(filepath.Join(modules, "@pulumi", "pulumi")) {
		t.Fatalf("%s has no @pulumi/pulumi: npm ci is to be run first", modules)
	}
	return modules
}

func link(t *testing.T, target, at string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, at); err != nil {
		t.Fatal(err)
	}
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in %q", part, text)
		}
	}
}
