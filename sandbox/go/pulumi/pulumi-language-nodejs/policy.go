package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// A policyPack stands between the engine and the process of a policy pack. The process needs the stack's config in its
// environment, where @pulumi/pulumi looks for it, but the engine tells it only to a pack that runs already, by
// ConfigureStack. So the host itself listens as the pack, starts the process when the engine calls for the first time, and
// passes all calls on.
type policyPack struct {
	call   sync.Once
	called chan *pulumirpc.AnalyzerStackConfigureRequest // gets one value: the config, or nil where the engine tells none

	settlement sync.Once
	settled    chan struct{} // closed when one of the following is set
	process    *grpc.ClientConn
	failure    error
}

// runPolicies runs a policy pack, and returns its exit code.
func runPolicies(ctx context.Context, request *pulumirpc.RunPluginRequest, stdout, stderr io.Writer) (int32, error) {
	folder := request.Info.GetProgramDirectory()
	process, err := node(ctx, request.Info, runPolicyPack, append(append([]string{}, request.Args...), folder))
	if err != nil {
		return 0, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	pack := &policyPack{called: make(chan *pulumirpc.AnalyzerStackConfigureRequest, 1), settled: make(chan struct{})}
	server := grpc.NewServer(grpc.MaxRecvMsgSize(largestMessage), grpc.ForceServerCodec(unread{}), grpc.UnknownServiceHandler(pack.answer))
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	if _, err := fmt.Fprintln(stdout, listener.Addr().(*net.TCPAddr).Port); err != nil {
		return 0, err
	}

	select {
	case <-ctx.Done():
		return 0, ctx.Err()
	case config := <-pack.called:
		process.Env = append(process.Env, request.Env...)
		environment, err := stackEnvironment(config)
		if err != nil {
			return 0, err
		}
		process.Env = append(process.Env, environment...)
	}
	process.Stdout, process.Stderr = &firstLine{found: pack.connect, rest: stdout}, stderr
	err = run(process)
	end := "ended"
	if err != nil {
		end = err.Error()
	}
	pack.settle(nil, fmt.Errorf("the policy pack in %s did not start: %s", folder, end))
	if pack.process != nil {
		pack.process.Close()
	}
	// Those that wait for the process hear what is wrong before the connection is closed.
	server.GracefulStop()
	return exitCode(err)
}

// stackEnvironment is the environment by which @pulumi/pulumi knows the stack.
func stackEnvironment(stack *pulumirpc.AnalyzerStackConfigureRequest) ([]string, error) {
	if stack == nil {
		return nil, nil
	}
	config, err := configEnvironment(stack.Config, stack.ConfigSecretKeys)
	return append(config,
		"PULUMI_NODEJS_ORGANIZATION="+stack.Organization,
		"PULUMI_NODEJS_PROJECT="+stack.Project,
		"PULUMI_NODEJS_STACK="+stack.Stack,
		"PULUMI_NODEJS_DRY_RUN="+strconv.FormatBool(stack.DryRun),
	), err
}

// answer answers any call of the engine.
func (p *policyPack) answer(_ any, stream grpc.ServerStream) error {
	var request, response message
	if err := stream.RecvMsg(&request); err != nil {
		return err
	}
	method, _ := grpc.MethodFromServerStream(stream)
	switch method {
	case pulumirpc.Analyzer_Handshake_FullMethodName:
		// It comes before ConfigureStack, and @pulumi/policy does without it.
		return status.Error(codes.Unimplemented, "policy packs on Node.js know no handshake")
	case pulumirpc.Analyzer_ConfigureStack_FullMethodName:
		config := &pulumirpc.AnalyzerStackConfigureRequest{}
		if err := proto.Unmarshal(request, config); err != nil {
			return status.Error(codes.InvalidArgument, err.Error())
		}
		p.start(config)
	default:
		p.start(nil)
	}
	select {
	case <-stream.Context().Done():
		return stream.Context().Err()
	case <-p.settled:
	}
	if p.failure != nil {
		return p.failure
	}
	if err := p.process.Invoke(stream.Context(), method, &request, &response, grpc.ForceCodec(unread{})); err != nil {
		return err
	}
	return stream.SendMsg(&response)
}

// start has the process started, with a stack's config or without; only the first call counts.
func (p *policyPack) start(config *pulumirpc.AnalyzerStackConfigureRequest) {
	p.call.Do(func() { p.called <- config })
}

// connect takes the first line of the process's output.
func (p *policyPack) connect(line string) {
	port, err := strconv.ParseUint(strings.TrimSpace(line), 10, 16)
	if err != nil {
		p.settle(nil, fmt.Errorf("the policy pack printed %q where the port is expected that it listens on", line))
		return
	}
	p.settle(dial(fmt.Sprintf("127.0.0.1:%d", port)))
}

// settle says by what connection the process is called, or why it cannot be; only the first call counts.
func (p *policyPack) settle(process *grpc.ClientConn, failure error) {
	p.settlement.Do(func() {
		p.process, p.failure = process, failure
		close(p.settled)
	})
}

// firstLine is a writer that gives away the first line and lets all others pass.
type firstLine struct {
	found  func(string)
	rest   io.Writer
	before bytes.Buffer
	passed bool
}

func (f *firstLine) Write(p []byte) (int, error) {
	if f.passed {
		return f.rest.Write(p)
	}
	f.before.Write(p)
	line, rest, complete := strings.Cut(f.before.String(), "\n")
	if !complete {
		return len(p), nil
	}
	f.passed = true
	f.found(line)
	if rest != "" {
		if _, err := io.WriteString(f.rest, rest); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// message is one of gRPC that is passed on as it is, and unread its codec.
type (
	message []byte
	unread  struct{}
)

// Name is that of the codec of which the messages are.
func (unread) Name() string { return "proto" }

func (unread) Marshal(value any) ([]byte, error) {
	m, ok := value.(*message)
	if !ok {
		return nil, errNotMessage
	}
	return *m, nil
}

func (unread) Unmarshal(data []byte, value any) error {
	m, ok := value.(*message)
	if !ok {
		return errNotMessage
	}
	*m = bytes.Clone(data)
	return nil
}

var errNotMessage = errors.New("only messages as they are can be passed on")
