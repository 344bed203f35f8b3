package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// GetRequiredPackages says which plugins the installed SDKs need, so that the engine has them before the program runs.
func (h *host) GetRequiredPackages(_ context.Context, request *pulumirpc.GetRequiredPackagesRequest) (*pulumirpc.GetRequiredPackagesResponse, error) {
	packages, err := installed(request.Info.GetProgramDirectory())
	if err != nil {
		// What the program does not load need not be in order, and what it does, Node.js will complain about.
		fmt.Fprintln(os.Stderr, "pulumi-language-nodejs: which plugins these need is not known:", err)
	}
	response := &pulumirpc.GetRequiredPackagesResponse{}
	seen := map[string]bool{}
	for _, sdk := range packages {
		needed := requirement(sdk)
		if needed == nil || seen[needed.String()] {
			continue
		}
		seen[needed.String()] = true
		response.Packages = append(response.Packages, needed)
	}
	return response, nil
}

// requirement is the plugin that an npm package needs; nil for none. Only Pulumi's own packages may leave its name to be told
// from theirs.
func requirement(sdk manifest) *pulumirpc.PackageDependency {
	if !sdk.Pulumi.Resource {
		return nil
	}
	name, version := sdk.Pulumi.Name, sdk.Pulumi.Version
	if name == "" {
		var own bool
		if name, own = strings.CutPrefix(sdk.Name, "@pulumi/"); !own {
			return nil
		}
	}
	if version == "" {
		version = sdk.Version
	}
	return &pulumirpc.PackageDependency{
		Name:             name,
		Kind:             "resource",
		Version:          version,
		Server:           sdk.Pulumi.Server,
		Parameterization: sdk.Pulumi.Parameterization.message(),
		Extension:        sdk.Pulumi.Extension.message(),
	}
}

func (p *parameterization) message() *pulumirpc.PackageParameterization {
	if p == nil {
		return nil
	}
	return &pulumirpc.PackageParameterization{Name: p.Name, Version: p.Version, Value: p.Value}
}

// GetProgramDependencies lists npm packages for `pulumi about`: those that the program's package.json names, or all.
func (h *host) GetProgramDependencies(_ context.Context, request *pulumirpc.GetProgramDependenciesRequest) (*pulumirpc.GetProgramDependenciesResponse, error) {
	list := dependencies
	if request.TransitiveDependencies {
		list = installed
	}
	packages, err := list(request.Info.GetProgramDirectory())
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.GetProgramDependenciesResponse{}
	for _, each := range packages {
		response.Dependencies = append(response.Dependencies, &pulumirpc.DependencyInfo{Name: each.Name, Version: each.Version})
	}
	slices.SortFunc(response.Dependencies, func(a, b *pulumirpc.DependencyInfo) int {
		return strings.Compare(a.Name+" "+a.Version, b.Name+" "+b.Version)
	})
	return response, nil
}

// dependencies lists what the nearest package.json names and is installed.
func dependencies(program string) ([]manifest, error) {
	file := lookUp(program, "package.json")
	if file == "" {
		return nil, nil
	}
	own, err := readManifest(file)
	if err != nil {
		return nil, err
	}
	var found []manifest
	for _, names := range []map[string]string{own.Dependencies, own.DevDependencies, own.OptionalDependencies} {
		for name := range names {
			file := lookUp(program, filepath.Join("node_modules", name, "package.json"))
			if file == "" {
				continue
			}
			dependency, err := readManifest(file)
			if err != nil {
				return nil, err
			}
			found = append(found, dependency)
		}
	}
	return found, nil
}
