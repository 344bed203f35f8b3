package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// testPlugin is a plugin that runs, with what it prints and how it ends.
type testPlugin struct {
	h              *testHost
	close          context.CancelFunc
	ended          chan struct{} // closed when the call has returned
	stdout, stderr *output
	exitCode       *int32
	err            error
}

func (h *testHost) plugin(request *pulumirpc.RunPluginRequest) *testPlugin {
	h.t.Helper()
	ctx, cancel := context.WithCancel(h.t.Context())
	p := &testPlugin{h: h, close: cancel, ended: make(chan struct{}), stdout: &output{}, stderr: &output{}}
	stream, err := h.RunPlugin(ctx, request)
	if err != nil {
		h.t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		for {
			response, err := stream.Recv()
			if err != nil {
				if !errors.Is(err, io.EOF) {
					p.err = err
				}
				return
			}
			switch part := response.Output.(type) {
			case *pulumirpc.RunPluginResponse_Stdout:
				_, _ = p.stdout.Write(part.Stdout)
			case *pulumirpc.RunPluginResponse_Stderr:
				_, _ = p.stderr.Write(part.Stderr)
			case *pulumirpc.RunPluginResponse_Exitcode:
				p.exitCode = &part.Exitcode
			}
		}
	}()
	h.t.Cleanup(func() { cancel(); <-p.ended })
	return p
}

func (p *testPlugin) eventually(what string, holds func() bool) {
	p.h.t.Helper()
	eventually(p.h.t, what, holds, func() string { return p.stdout.String() + p.stderr.String() + p.h.stderr.String() })
}

// end awaits the end of the plugin.
func (p *testPlugin) end() {
	p.h.t.Helper()
	received(p.h.t, "the end of the plugin", p.ended)
}

// dial connects to the port in the first line of the output, as the engine does.
func (p *testPlugin) dial() *grpc.ClientConn {
	p.h.t.Helper()
	p.eventually("a line of output", func() bool { return strings.Contains(p.stdout.String(), "\n") })
	port, _, _ := strings.Cut(p.stdout.String(), "\n")
	connection, err := dial("127.0.0.1:" + port)
	if err != nil {
		p.h.t.Fatal(err)
	}
	p.h.t.Cleanup(func() { connection.Close() })
	return connection
}

// pid is a process that the plugin's errors name.
func (p *testPlugin) pid() (pid int) {
	p.h.t.Helper()
	p.eventually("the plugin's process", func() bool {
		n, _ := fmt.Sscan(p.stderr.line("pid "), &pid)
		return n == 1
	})
	return pid
}

func (h *testHost) componentRequest(dir string) *pulumirpc.RunPluginRequest {
	return &pulumirpc.RunPluginRequest{
		Kind: "resource", Info: info(dir), Pwd: dir, Args: []string{h.monitor}, Env: []string{"FROM_ENGINE=value of the engine"},
	}
}

// provider is a plugin that says by its errors how it was called.
const provider = `
	console.error("pid " + process.pid);
	console.error("called " + JSON.stringify([process.cwd(), process.argv.slice(2), process.env.FROM_ENGINE]));
	require("@pulumi/pulumi").provider.main({ version: "1.2.3", schema: "{}" }, process.argv.slice(2));`

func TestComponentPackage(t *testing.T) {
	h := startHost(t)
	dir, pwd := program(t, provider), folder(t, nil)
	request := h.componentRequest(dir)
	request.Pwd = pwd
	p := h.plugin(request)
	plugin := pulumirpc.NewResourceProviderClient(p.dial())
	if info, err := plugin.GetPluginInfo(t.Context(), &emptypb.Empty{}); err != nil || info.Version != "1.2.3" {
		t.Fatal(info, err)
	}
	if called, want := p.stderr.line("called "), fmt.Sprintf(`[%q,[%q],"value of the engine"]`, pwd, h.monitor); called != want {
		t.Errorf("%s\n%s", called, want)
	}
	pid := p.pid()

	// The engine cancels plugins by themselves: what cancels programs leaves them alone.
	if _, err := h.Cancel(t.Context(), &emptypb.Empty{}); err != nil {
		t.Fatal(err)
	}
	if _, err := plugin.GetPluginInfo(t.Context(), &emptypb.Empty{}); err != nil || !alive(pid) {
		t.Fatal("the plugin does not answer after Cancel: ", err)
	}
	p.close()
	h.gone("the plugin", pid)
}

func TestHowPluginsEnd(t *testing.T) {
	h := startHost(t)
	for index, code := range map[string]int32{
		`console.log("said"); process.exit(0)`:                                0,
		`console.log("said"); process.exit(7)`:                                7,
		`console.log("said"); process.kill(process.pid, "SIGTERM")`:           128 + 15,
		`console.log("said"); throw new Error("the plugin cannot be loaded")`: exitAfterReport,
	} {
		p := h.plugin(h.componentRequest(program(t, index)))
		p.end()
		if p.err != nil || p.exitCode == nil || *p.exitCode != code || p.stdout.String() != "said\n" {
			t.Errorf("%s: %v %v\n%s%s", index, p.err, p.exitCode, p.stdout, p.stderr)
		}
	}
}

func TestPluginsThatCannotRun(t *testing.T) {
	h := startHost(t)
	bare := folder(t, map[string]string{"index.js": ""})
	debugged := h.componentRequest(program(t, provider))
	debugged.AttachDebugger = true
	optional := h.componentRequest(program(t, provider))
	with(optional.Info, "nodeargs", `"`)
	elsewhere := h.componentRequest(program(t, provider))
	elsewhere.Pwd = "/no/such/folder"
	pack := packRequest(bare)
	cases := map[string]*pulumirpc.RunPluginRequest{
		"@pulumi/pulumi is not installed for " + bare: pack,
		"attaches no debugger":                        debugged,
		"is not a list of words":                      optional,
		"/no/such/folder":                             elsewhere,
	}
	for _, message := range slices.Sorted(maps.Keys(cases)) {
		p := h.plugin(cases[message])
		p.end()
		contains(t, fmt.Sprint(p.err), message)
	}
}

func packRequest(dir string) *pulumirpc.RunPluginRequest {
	return &pulumirpc.RunPluginRequest{Kind: "analyzer", Info: info(dir), Pwd: "/", Args: []string{"127.0.0.1:1"}}
}

// pack is a policy pack that reads the stack's config as it is loaded, and reports it as the violation of its policy.
const pack = `
	const { PolicyPack } = require("@pulumi/policy");
	const pulumi = require("@pulumi/pulumi");
	console.error("pid " + process.pid);
	const config = new pulumi.Config();
	const known = [config.get("plain"), pulumi.runtime.isConfigSecret("project:token"), process.cwd(),
		pulumi.runtime.hasMonitor(), process.env.PULUMI_NODEJS_STACK && [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack(), pulumi.runtime.isDryRun()]];
	new PolicyPack("pack", { policies: [{
		name: "policy", description: "d", enforcementLevel: "mandatory",
		validateResource: (args, report) => {
			report(JSON.stringify([...known, args.props.a, args.stackTags.get("tag"), args.getConfig()]));
			console.log("more output");
		},
	}] });`

func analyze(t *testing.T, analyzer pulumirpc.AnalyzerClient) string {
	t.Helper()
	properties, err := structpb.NewStruct(map[string]any{"a": strings.Repeat("a", 5)})
	if err != nil {
		t.Fatal(err)
	}
	response, err := analyzer.Analyze(t.Context(), &pulumirpc.AnalyzeRequest{Type: "a:b:C", Name: "n", Urn: "urn", Properties: properties, Options: &pulumirpc.AnalyzerResourceOptions{}})
	if err != nil || len(response.Diagnostics) != 1 {
		t.Fatal(response, err)
	}
	_, known, _ := strings.Cut(response.Diagnostics[0].Message, "[")
	return "[" + known
}

func TestPolicyPack(t *testing.T) {
	h := startHost(t)
	dir := program(t, pack)
	p := h.plugin(packRequest(dir))
	analyzer := pulumirpc.NewAnalyzerClient(p.dial())
	// The engine's calls, in its order.
	if _, err := analyzer.Handshake(t.Context(), &pulumirpc.AnalyzerHandshakeRequest{EngineAddress: h.monitor}); status.Code(err) != codes.Unimplemented {
		t.Fatal(err)
	}
	if _, err := analyzer.ConfigureStack(t.Context(), &pulumirpc.AnalyzerStackConfigureRequest{
		Organization: "organization", Project: "project", Stack: "stack", DryRun: true,
		Config:           map[string]string{"project:plain": "p", "project:token": "t"},
		ConfigSecretKeys: []string{"project:token"},
		Tags:             map[string]string{"tag": "of the stack"},
	}); err != nil {
		t.Fatal(err, p.stderr)
	}
	if info, err := analyzer.GetAnalyzerInfo(t.Context(), &emptypb.Empty{}); err != nil || info.Name != "pack" || info.Version != "1.2.3" {
		t.Fatal(info, err)
	}
	properties, err := structpb.NewStruct(map[string]any{"most": 3})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := analyzer.Configure(t.Context(), &pulumirpc.ConfigureAnalyzerRequest{PolicyConfig: map[string]*pulumirpc.PolicyConfig{
		"policy": {EnforcementLevel: pulumirpc.EnforcementLevel_MANDATORY, Properties: properties},
	}}); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`["p",true,%q,false,["organization","project","stack",true],"aaaaa","of the stack",{"most":3}]`, dir)
	if known := analyze(t, analyzer); known != want {
		t.Errorf("%s\n%s", known, want)
	}
	p.eventually("the output after the port", func() bool { return strings.HasSuffix(p.stdout.String(), "\nmore output\n") })
	pid := p.pid()
	p.close()
	h.gone("the policy pack", pid)
}

// pulumi policy publish asks a pack without any stack.
func TestPolicyPackWithoutStack(t *testing.T) {
	h := startHost(t)
	dir := program(t, pack)
	p := h.plugin(packRequest(dir))
	analyzer := pulumirpc.NewAnalyzerClient(p.dial())
	if info, err := analyzer.GetAnalyzerInfo(t.Context(), &emptypb.Empty{}); err != nil || info.Name != "pack" {
		t.Fatal(info, err, p.stderr)
	}
	if known, want := analyze(t, analyzer), fmt.Sprintf(`[null,false,%q,false,null,"aaaaa",null,{}]`, dir); known != want {
		t.Errorf("%s\n%s", known, want)
	}
}

func TestPolicyPackThatIsNeverCalled(t *testing.T) {
	h := startHost(t)
	p := h.plugin(packRequest(program(t, pack)))
	p.dial()
	p.close()
	p.end()
	if status.Code(p.err) != codes.Canceled || p.stderr.String() != "" {
		t.Error(p.err, p.stderr)
	}
}

func TestPolicyPacksThatDoNotStart(t *testing.T) {
	h := startHost(t)
	for index, message := range map[string]string{
		`process.exit(3)`: "did not start: exit status 3",
		``:                "did not start: ended",
		`console.log("Hello"); setInterval(() => {}, 1000)`: `the policy pack printed "Hello" where the port is expected`,
	} {
		p := h.plugin(packRequest(program(t, index)))
		analyzer := pulumirpc.NewAnalyzerClient(p.dial())
		_, err := analyzer.ConfigureStack(t.Context(), &pulumirpc.AnalyzerStackConfigureRequest{})
		contains(t, fmt.Sprint(err), message)
	}
}

func TestFirstLine(t *testing.T) {
	var lines []string
	rest := &output{}
	writer := &firstLine{found: func(line string) { lines = append(lines, line) }, rest: rest}
	for _, part := range []string{"12", "34", "5\nsecond", "\nthird\n", "fourth"} {
		if n, err := writer.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	same(t, lines, "12345")
	same(t, []string{rest.String()}, "second\nthird\nfourth")
}

func TestPolicyPackIsKilled(t *testing.T) {
	h := startHost(t)
	p := h.plugin(packRequest(program(t, pack)))
	analyzer := pulumirpc.NewAnalyzerClient(p.dial())
	if _, err := analyzer.GetPluginInfo(t.Context(), &emptypb.Empty{}); err != nil {
		t.Fatal(err)
	}
	kill(t, p.pid())
	p.end()
	if p.err != nil || p.exitCode == nil || *p.exitCode != 128+9 {
		t.Error(p.err, p.exitCode)
	}
	if _, err := analyzer.GetPluginInfo(t.Context(), &emptypb.Empty{}); status.Code(err) != codes.Unavailable {
		t.Error(err)
	}
}
