package main

import (
	"context"
	"fmt"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// About says which Node.js runs programs.
func (h *host) About(ctx context.Context, _ *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	executable, err := nodeExecutable()
	if err != nil {
		return nil, err
	}
	version, err := command(ctx, executable, "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("%s --version: %w", executable, err)
	}
	return &pulumirpc.AboutResponse{Executable: executable, Version: strings.TrimSpace(string(version))}, nil
}
