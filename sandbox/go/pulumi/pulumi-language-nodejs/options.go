package main

import (
	"errors"
	"fmt"

	"github.com/google/shlex"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// options are those of the runtime, in Pulumi.yaml.
type options struct {
	typescript     bool
	tsconfig       string
	nodeArgs       []string
	packageManager string // "" or "auto": what the lock file says
	production     bool
}

func readOptions(info *pulumirpc.ProgramInfo) (options, error) {
	given := info.GetOptions().AsMap()
	read := options{typescript: true}
	var nodeArgs string
	err := errors.Join(
		readOption(given, "typescript", &read.typescript),
		readOption(given, "tsconfig", &read.tsconfig),
		readOption(given, "nodeargs", &nodeArgs),
		readOption(given, "packagemanager", &read.packageManager),
		readOption(given, "production", &read.production),
	)
	if err != nil {
		return read, err
	}
	read.nodeArgs, err = shlex.Split(nodeArgs)
	if err != nil {
		return read, fmt.Errorf("the runtime's option nodeargs, %q, is not a list of words: %w", nodeArgs, err)
	}
	return read, nil
}

func readOption[T any](given map[string]any, name string, value *T) error {
	option, ok := given[name]
	if !ok {
		return nil
	}
	typed, ok := option.(T)
	if !ok {
		return fmt.Errorf("the runtime's option %s must be a %T, not %v", name, *value, option)
	}
	*value = typed
	return nil
}
