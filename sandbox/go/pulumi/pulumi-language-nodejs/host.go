package main

import (
	"context"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// host answers the engine. Calls that it does not implement are of two kinds: those without which the engine goes on, which
// are left to the embedded server, and those that generate code, which say so.
type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	engine    string          // the engine's address, for programs to log to
	cancelled context.Context // done when the engine has cancelled what it does
	cancel    context.CancelFunc
}

func newHost(engine string) *host {
	h := &host{engine: engine}
	h.cancelled, h.cancel = context.WithCancel(context.Background())
	return h
}

// GetPluginInfo says which version this host is.
func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version}, nil
}

// Cancel ends programs and installations, as the user has interrupted the engine. Plugins run on: the engine cancels them by
// calls of their own, lets them finish what they are at, and ends them by closing RunPlugin.
func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.cancel()
	return &emptypb.Empty{}, nil
}

// untilCancelled is a call's context that ends with Cancel, too. The returned function releases it.
func (h *host) untilCancelled(call context.Context) (context.Context, context.CancelFunc) {
	ctx, end := context.WithCancel(call)
	release := context.AfterFunc(h.cancelled, end)
	return ctx, func() { release(); end() }
}

func generatesNoCode(call string) error {
	return status.Errorf(codes.Unimplemented, "%s: this language host runs Node.js programs and generates no code; use Pulumi's own for that", call)
}

func (h *host) GenerateProgram(context.Context, *pulumirpc.GenerateProgramRequest) (*pulumirpc.GenerateProgramResponse, error) {
	return nil, generatesNoCode("GenerateProgram")
}

func (h *host) GenerateProject(context.Context, *pulumirpc.GenerateProjectRequest) (*pulumirpc.GenerateProjectResponse, error) {
	return nil, generatesNoCode("GenerateProject")
}

func (h *host) GeneratePackage(context.Context, *pulumirpc.GeneratePackageRequest) (*pulumirpc.GeneratePackageResponse, error) {
	return nil, generatesNoCode("GeneratePackage")
}

func (h *host) Pack(context.Context, *pulumirpc.PackRequest) (*pulumirpc.PackResponse, error) {
	return nil, generatesNoCode("Pack")
}

func (h *host) Link(context.Context, *pulumirpc.LinkRequest) (*pulumirpc.LinkResponse, error) {
	return nil, generatesNoCode("Link")
}
