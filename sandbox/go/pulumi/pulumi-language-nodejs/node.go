package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// The scripts of @pulumi/pulumi.
const (
	runProgram    = "run"
	runPlugin     = "run-plugin"
	runPolicyPack = "run-policy-pack"
)

// node is a process that runs a script of @pulumi/pulumi, in the program's folder.
func node(ctx context.Context, info *pulumirpc.ProgramInfo, script string, args []string) (*exec.Cmd, error) {
	options, err := readOptions(info)
	if err != nil {
		return nil, err
	}
	executable, err := nodeExecutable()
	if err != nil {
		return nil, err
	}
	path, err := scriptOf(info.GetProgramDirectory(), script)
	if err != nil {
		return nil, err
	}
	words := append(append(options.nodeArgs, path), args...)
	process := command(ctx, executable, words...)
	process.Dir = info.GetProgramDirectory()
	process.Env = os.Environ()
	if options.typescript {
		process.Env = append(process.Env, "PULUMI_NODEJS_TYPESCRIPT=true")
	}
	if options.tsconfig != "" {
		process.Env = append(process.Env, "PULUMI_NODEJS_TSCONFIG_PATH="+options.tsconfig)
	}
	return process, nil
}

func nodeExecutable() (string, error) {
	path, err := exec.LookPath("node")
	if err != nil {
		return "", fmt.Errorf("there is no node on PATH: install Node.js (%w)", err)
	}
	return filepath.Abs(path)
}

// scriptOf finds a script of the @pulumi/pulumi that a program in the folder loads: another one's would not share its state.
func scriptOf(program, script string) (string, error) {
	path := lookUp(program, filepath.Join("node_modules", "@pulumi", "pulumi"))
	if path == "" {
		return "", fmt.Errorf("@pulumi/pulumi is not installed for %s: run `pulumi install`, or your package manager's install, there", program)
	}
	path = filepath.Join(path, "cmd", script)
	if !exists(path) {
		return "", fmt.Errorf("the @pulumi/pulumi that is installed for %s is too old: it has no %s", program, path)
	}
	return path, nil
}
