package main

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"syscall"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// policyPackKind is the engine's name for policy packs.
const policyPackKind = "analyzer"

// RunPlugin runs a provider of components, or a policy pack, until the engine closes the call. The first line of the output,
// which goes to the engine like all that follows, says where the plugin listens.
func (h *host) RunPlugin(request *pulumirpc.RunPluginRequest, stream pulumirpc.LanguageRuntime_RunPluginServer) error {
	if request.AttachDebugger {
		return noDebugger
	}
	stdout, stderr := outputs(
		func(p []byte) error {
			return stream.Send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Stdout{Stdout: p}})
		},
		func(p []byte) error {
			return stream.Send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Stderr{Stderr: p}})
		},
	)
	start := runComponents
	if request.Kind == policyPackKind {
		start = runPolicies
	}
	code, err := start(stream.Context(), request, stdout, stderr)
	if err != nil {
		return err
	}
	return stream.Send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: code}})
}

// runComponents runs a provider of components, and returns its exit code.
func runComponents(ctx context.Context, request *pulumirpc.RunPluginRequest, stdout, stderr io.Writer) (int32, error) {
	args := append([]string{request.Info.GetProgramDirectory()}, request.Args...)
	provider, err := node(ctx, request.Info, runPlugin, args)
	if err != nil {
		return 0, err
	}
	provider.Dir = request.Pwd
	provider.Env = append(provider.Env, request.Env...)
	provider.Stdout, provider.Stderr = stdout, stderr
	return exitCode(run(provider))
}

// exitCode is that of a process that has ended, by the shell's convention if a signal ended it.
func exitCode(err error) (int32, error) {
	var exit *exec.ExitError
	if err == nil || !errors.As(err, &exit) {
		return 0, err
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int32(status.Signal()), nil
	}
	return int32(exit.ExitCode()), nil
}
