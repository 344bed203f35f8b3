package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// exitAfterReport is how the scripts of @pulumi/pulumi exit when they have told the user already what is wrong.
const exitAfterReport = 32

// Run runs a program to its end; meanwhile it registers its resources at the monitor's address.
func (h *host) Run(ctx context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	if request.AttachDebugger {
		return &pulumirpc.RunResponse{Error: noDebugger.Error()}, nil
	}
	ctx, release := h.untilCancelled(ctx)
	defer release()
	program, err := h.program(ctx, request)
	if err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	err = run(program)
	if ctx.Err() != nil {
		return nil, status.Error(codes.Canceled, "the program was ended before it was done")
	}
	return outcome(err), nil
}

var noDebugger = errors.New("this language host attaches no debugger; use Pulumi's own for that")

// program is the process that runs the program.
func (h *host) program(ctx context.Context, request *pulumirpc.RunRequest) (*exec.Cmd, error) {
	config, err := configEnvironment(request.Config, request.ConfigSecretKeys)
	if err != nil {
		return nil, err
	}
	args := append([]string{
		"--monitor=" + request.MonitorAddress,
		"--engine=" + h.engine,
		"--organization=" + request.Organization,
		"--project=" + request.Project,
		"--stack=" + request.Stack,
		"--root-directory=" + request.Info.GetRootDirectory(),
		"--pwd=" + request.Info.GetProgramDirectory(),
		fmt.Sprintf("--parallel=%d", request.Parallel),
		fmt.Sprintf("--dry-run=%t", request.DryRun),
		request.Info.GetEntryPoint(), // what follows it is the program's
	}, request.Args...)
	program, err := node(ctx, request.Info, runProgram, args)
	if err != nil {
		return nil, err
	}
	program.Env = append(program.Env, config...)
	// Not the files themselves: Node.js may make them non-blocking, for this process, too.
	program.Stdout, program.Stderr = struct{ io.Writer }{os.Stdout}, struct{ io.Writer }{os.Stderr}
	return program, nil
}

// configEnvironment is the environment by which @pulumi/pulumi knows the stack's config.
func configEnvironment(config map[string]string, secretKeys []string) ([]string, error) {
	if config == nil {
		config = map[string]string{}
	}
	if secretKeys == nil {
		secretKeys = []string{}
	}
	values, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	keys, err := json.Marshal(secretKeys)
	if err != nil {
		return nil, err
	}
	return []string{"PULUMI_CONFIG=" + string(values), "PULUMI_CONFIG_SECRET_KEYS=" + string(keys)}, nil
}

// outcome is what the engine hears of a program's end.
func outcome(err error) *pulumirpc.RunResponse {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}
	case errors.Is(err, syscall.E2BIG):
		return &pulumirpc.RunResponse{Error: "the stack's config is too large: programs get it by their environment, where Linux takes 128 KiB at most; " +
			"keep large values in files that the program reads"}
	case !errors.As(err, &exit):
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("cannot run the program: %v", err)}
	case exit.ExitCode() == exitAfterReport:
		return &pulumirpc.RunResponse{Bail: true}
	default:
		return &pulumirpc.RunResponse{Error: "the program ended with " + exit.Error()}
	}
}
