package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// packageManager is one of those that write a node_modules.
type packageManager struct {
	name       string
	lockFiles  []string
	production string // its flag to leave out what only development needs
}

// The first one is taken where nothing says which.
var packageManagers = []packageManager{
	{"npm", []string{"package-lock.json", "npm-shrinkwrap.json"}, "--omit=dev"},
	{"yarn", []string{"yarn.lock"}, "--production"},
	{"pnpm", []string{"pnpm-lock.yaml"}, "--prod"},
	{"bun", []string{"bun.lock", "bun.lockb"}, "--production"},
}

// InstallDependencies has the project's package manager install what the package.json names. All of them find the root of
// workspaces by themselves.
func (h *host) InstallDependencies(request *pulumirpc.InstallDependenciesRequest, stream pulumirpc.LanguageRuntime_InstallDependenciesServer) error {
	options, err := readOptions(request.Info)
	if err != nil {
		return err
	}
	program := request.Info.GetProgramDirectory()
	manager, why, err := choosePackageManager(options.packageManager, program)
	if err != nil {
		return err
	}
	executable, err := exec.LookPath(manager.name)
	if err != nil {
		return fmt.Errorf("there is no %s on PATH, which %s: install it, or set the runtime's option packagemanager in Pulumi.yaml (%w)", manager.name, why, err)
	}
	args := []string{"install"}
	if options.production {
		args = append(args, manager.production)
	}
	ctx, release := h.untilCancelled(stream.Context())
	defer release()
	install := command(ctx, executable, args...)
	install.Dir = program
	install.Stdout, install.Stderr = outputs(
		func(p []byte) error { return stream.Send(&pulumirpc.InstallDependenciesResponse{Stdout: p}) },
		func(p []byte) error { return stream.Send(&pulumirpc.InstallDependenciesResponse{Stderr: p}) },
	)
	err = run(install)
	if ctx.Err() != nil {
		return status.Error(codes.Canceled, "the installation was ended before it was done")
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", manager.name, strings.Join(args, " "), err)
	}
	return nil
}

// choosePackageManager says which one a program uses, and why: the one that is named, or the one that wrote the nearest lock
// file.
func choosePackageManager(named, program string) (packageManager, string, error) {
	if named != "" && named != "auto" {
		for _, manager := range packageManagers {
			if manager.name == named {
				return manager, "the runtime's option packagemanager names", nil
			}
		}
		return packageManager{}, "", fmt.Errorf("the runtime's option packagemanager must be auto, npm, yarn, pnpm or bun, not %q", named)
	}
	for _, folder := range upwards(program) {
		for _, manager := range packageManagers {
			for _, lockFile := range manager.lockFiles {
				if file := filepath.Join(folder, lockFile); exists(file) {
					return manager, "wrote " + file, nil
				}
			}
		}
	}
	return packageManagers[0], "comes with Node.js", nil
}
