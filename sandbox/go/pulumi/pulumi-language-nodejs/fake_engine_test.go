package main

import (
	"context"
	"net"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// fakeEngine keeps what programs tell the engine and its monitor.
type fakeEngine struct {
	pulumirpc.UnimplementedEngineServer
	pulumirpc.UnimplementedResourceMonitorServer
	mutex   sync.Mutex
	logs    []string
	outputs map[string]any // of the stack
}

func newEngine() *fakeEngine { return &fakeEngine{} }

func (e *fakeEngine) listen() (net.Listener, *grpc.Server) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server := grpc.NewServer()
	pulumirpc.RegisterEngineServer(server, e)
	pulumirpc.RegisterResourceMonitorServer(server, e)
	return listener, server
}

func (e *fakeEngine) Log(_ context.Context, request *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.logs = append(e.logs, request.Severity.String()+" "+request.Message)
	return &emptypb.Empty{}, nil
}

func (e *fakeEngine) SupportsFeature(context.Context, *pulumirpc.SupportsFeatureRequest) (*pulumirpc.SupportsFeatureResponse, error) {
	return &pulumirpc.SupportsFeatureResponse{}, nil
}

func (e *fakeEngine) RegisterResource(_ context.Context, request *pulumirpc.RegisterResourceRequest) (*pulumirpc.RegisterResourceResponse, error) {
	return &pulumirpc.RegisterResourceResponse{Urn: "urn:pulumi:test::test::" + request.Type + "::" + request.Name, Object: request.Object}, nil
}

func (e *fakeEngine) RegisterResourceOutputs(_ context.Context, request *pulumirpc.RegisterResourceOutputsRequest) (*emptypb.Empty, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.outputs = request.Outputs.AsMap()
	return &emptypb.Empty{}, nil
}

func (e *fakeEngine) logged(wanted string) (times int) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	for _, entry := range e.logs {
		if entry == wanted {
			times++
		}
	}
	return times
}
