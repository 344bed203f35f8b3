package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// manifest is what matters here of a package.json.
type manifest struct {
	Name                 string            `json:"name"`
	Version              string            `json:"version"`
	Dependencies         map[string]string `json:"dependencies"`
	DevDependencies      map[string]string `json:"devDependencies"`
	OptionalDependencies map[string]string `json:"optionalDependencies"`
	Pulumi               pluginInfo        `json:"pulumi"`
}

// pluginInfo is what an SDK says of the plugin that it needs.
type pluginInfo struct {
	Resource         bool              `json:"resource"`
	Name             string            `json:"name"`
	Version          string            `json:"version"`
	Server           string            `json:"server"`
	Parameterization *parameterization `json:"parameterization"`
	Extension        *parameterization `json:"extensionParameterization"`
}

// parameterization is what makes a package of a plugin that serves several.
type parameterization struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Value   []byte `json:"value"`
}

// readManifest reads a package.json. Parts of another form than npm's are left out, as npm does: packages are published with
// all kinds of them.
func readManifest(file string) (manifest, error) {
	var read manifest
	text, err := os.ReadFile(file)
	if err != nil {
		return read, err
	}
	var form *json.UnmarshalTypeError
	if err := json.Unmarshal(text, &read); err != nil && !errors.As(err, &form) {
		return read, fmt.Errorf("%s: %w", file, err)
	}
	return read, nil
}

// lookUp finds a file or folder for a folder as Node.js finds packages: in it, or in the nearest one around it; "" if there
// is none.
func lookUp(folder, name string) string {
	for _, around := range upwards(folder) {
		if found := filepath.Join(around, name); exists(found) {
			return found
		}
	}
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// upwards lists a folder and all those around it. Links are followed first, as Node.js does.
func upwards(folder string) []string {
	if target, err := filepath.EvalSymlinks(folder); err == nil {
		folder = target
	}
	all := []string{folder}
	for parent := filepath.Dir(folder); parent != folder; folder, parent = parent, filepath.Dir(parent) {
		all = append(all, parent)
	}
	return all
}
