package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

// install returns what the installation of a program's packages prints, and how it ends.
func (h *testHost) install(ctx context.Context, info *pulumirpc.ProgramInfo) (stdout, stderr *output, ended chan error) {
	h.t.Helper()
	stdout, stderr, ended = &output{}, &output{}, make(chan error, 1)
	stream, err := h.InstallDependencies(ctx, &pulumirpc.InstallDependenciesRequest{Info: info})
	if err != nil {
		h.t.Fatal(err)
	}
	go func() {
		for {
			response, err := stream.Recv()
			if errors.Is(err, io.EOF) {
				err = nil
			} else if err == nil {
				_, _ = stdout.Write(response.Stdout)
				_, _ = stderr.Write(response.Stderr)
				continue
			}
			ended <- err
			return
		}
	}()
	return stdout, stderr, ended
}

func TestNpmInstallsAWorkspace(t *testing.T) {
	// Nothing may be fetched.
	h := startHost(t, "npm_config_offline=true", "npm_config_loglevel=notice", "npm_config_update_notifier=false", "npm_config_cache="+t.TempDir())
	root := folder(t, map[string]string{
		"package.json":          `{"name": "root", "private": true, "workspaces": ["apps/*"]}`,
		"apps/one/package.json": `{"name": "one", "version": "1.0.0"}`,
		"apps/two/package.json": `{"name": "two", "version": "1.0.0", "dependencies": {"one": "*"}}`,
	})
	stdout, stderr, ended := h.install(t.Context(), info(filepath.Join(root, "apps", "two")))
	if err := received(t, "the end of the installation", ended); err != nil {
		t.Fatal(err, stdout, stderr)
	}
	if target, err := filepath.EvalSymlinks(filepath.Join(root, "node_modules", "one")); err != nil || target != filepath.Join(root, "apps", "one") {
		t.Error(target, err, stdout, stderr)
	}
	contains(t, stdout.String(), "added 2 packages")
}

// managers is a PATH with programs that say how they are called.
func managers(t *testing.T, names ...string) string {
	t.Helper()
	path := t.TempDir()
	for _, name := range names {
		executable(t, filepath.Join(path, name), "#!/bin/sh\necho "+name+` "$@" in "$PWD"`+"\n")
	}
	return path
}

func executable(t *testing.T, file, script string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
}

func TestWhichPackageManager(t *testing.T) {
	h := startHost(t, "PATH="+managers(t, "npm", "yarn", "pnpm", "bun"))
	for _, c := range []struct {
		lockFile, option string
		production       bool
		want             string
	}{
		{"", "", false, "npm install"},
		{"", "auto", true, "npm install --omit=dev"},
		{"package-lock.json", "", false, "npm install"},
		{"npm-shrinkwrap.json", "", false, "npm install"},
		{"yarn.lock", "", true, "yarn install --production"},
		{"pnpm-lock.yaml", "auto", true, "pnpm install --prod"},
		{"bun.lock", "", false, "bun install"},
		{"bun.lockb", "", true, "bun install --production"},
		{"yarn.lock", "npm", false, "npm install"},
		{"", "pnpm", false, "pnpm install"},
	} {
		for _, place := range []string{"", ".."} {
			root := folder(t, map[string]string{"app/package.json": "{}"})
			dir := filepath.Join(root, "app")
			if c.lockFile != "" {
				write(t, filepath.Join(dir, place, c.lockFile), "")
			}
			info := with(info(dir), "production", c.production)
			if c.option != "" {
				with(info, "packagemanager", c.option)
			}
			stdout, stderr, ended := h.install(t.Context(), info)
			err := received(t, "the end of the installation", ended)
			if want := c.want + " in " + dir + "\n"; err != nil || stdout.String() != want || stderr.String() != "" {
				t.Errorf("%+v in %q: %v %q %q", c, place, err, stdout, stderr)
			}
		}
	}
}

func TestWhatCannotBeInstalled(t *testing.T) {
	path := managers(t, "npm")
	executable(t, filepath.Join(path, "pnpm"), "#!/bin/sh\necho on the way\necho this is wrong >&2\nexit 4\n")
	h := startHost(t, "PATH="+path)
	locked := folder(t, map[string]string{"yarn.lock": ""})
	dir := folder(t, nil)
	for message, info := range map[string]*pulumirpc.ProgramInfo{
		"there is no bun on PATH, which the runtime's option packagemanager names: install it, or": with(info(dir), "packagemanager", "bun"),
		"there is no yarn on PATH, which wrote " + filepath.Join(locked, "yarn.lock"):              info(locked),
		`must be auto, npm, yarn, pnpm or bun, not "cnpm"`:                                         with(info(dir), "packagemanager", "cnpm"),
		"option packagemanager must be a string, not true":                                         with(info(dir), "packagemanager", true),
		"pnpm install: exit status 4":                                                              with(info(dir), "packagemanager", "pnpm"),
	} {
		stdout, stderr, ended := h.install(t.Context(), info)
		err := received(t, "the end of the installation", ended)
		contains(t, fmt.Sprint(err), message)
		if strings.HasPrefix(message, "pnpm") && (stdout.String() != "on the way\n" || stderr.String() != "this is wrong\n") {
			t.Errorf("%q %q", stdout, stderr)
		}
	}
}

func TestCancelEndsAnInstallation(t *testing.T) {
	path := os.Getenv("PATH")
	dir := t.TempDir()
	executable(t, filepath.Join(dir, "npm"), "#!/bin/sh\necho pid $$\nexec sleep 1000\n")
	h := startHost(t, "PATH="+dir+":"+path)
	stdout, _, ended := h.install(t.Context(), info(folder(t, nil)))
	var pid int
	h.eventually("the installation", func() bool {
		n, _ := fmt.Sscan(stdout.line("pid "), &pid)
		return n == 1
	})
	if _, err := h.Cancel(t.Context(), &emptypb.Empty{}); err != nil {
		t.Fatal(err)
	}
	canceled(t, received(t, "the end of the installation", ended))
	h.gone("the installation", pid)
}
