package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// Tests run the host in a process of its own, as the engine does, and where the engine is killed that in another one: this
// test binary, called again.
const roleVariable = "LANGUAGE_HOST_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "host":
		os.Unsetenv(roleVariable)
		main()
	case "engine":
		listener, server := newEngine().listen()
		fmt.Println(listener.Addr())
		_ = server.Serve(listener)
	default:
		os.Exit(m.Run())
	}
}

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

// output is what a process prints, for several goroutines.
type output struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.String()
}

// line is the rest of the line that begins so, once it is complete.
func (o *output) line(beginning string) string {
	lines := strings.SplitAfter(o.String(), "\n")
	for _, line := range lines {
		if rest, ok := strings.CutPrefix(line, beginning); ok && strings.HasSuffix(rest, "\n") {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

// testHost is a host that runs, with what it prints; and the engine and monitor for it.
type testHost struct {
	pulumirpc.LanguageRuntimeClient
	t              *testing.T
	process        *exec.Cmd
	ended          chan struct{} // closed when the process has ended
	stdout, stderr *output
	engine         *fakeEngine
	monitor        string
}

// startHost starts one for an engine in this process. The variables are set for the host.
func startHost(t *testing.T, variables ...string) *testHost {
	t.Helper()
	engine := newEngine()
	listener, server := engine.listen()
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return startHostFor(t, engine, listener.Addr().String(), listener.Addr().String(), variables...)
}

func startHostFor(t *testing.T, engine *fakeEngine, address, monitor string, variables ...string) *testHost {
	t.Helper()
	h := &testHost{t: t, ended: make(chan struct{}), stdout: &output{}, stderr: &output{}, engine: engine, monitor: monitor}
	h.process = again("host", "-v=3", "--tracing", "http://127.0.0.1:1", address)
	h.process.Env = append(h.process.Env, variables...)
	h.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // as the engine does
	h.process.Stderr = h.stderr
	stdout := start(t, h.process)
	port, err := stdout.ReadString('\n')
	if err != nil {
		t.Fatalf("the host printed no port but %q: %v\n%s", port, err, h.stderr)
	}
	go func() {
		_, _ = io.Copy(h.stdout, stdout)
		_ = h.process.Wait()
		close(h.ended)
	}()
	t.Cleanup(func() { _ = h.process.Process.Kill(); <-h.ended })
	connection, err := dial("127.0.0.1:" + strings.TrimSpace(port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	h.LanguageRuntimeClient = pulumirpc.NewLanguageRuntimeClient(connection)
	return h
}

// again is this test binary in another role.
func again(role string, args ...string) *exec.Cmd {
	executable, err := os.Executable()
	if err != nil {
		panic(err)
	}
	process := exec.Command(executable, args...)
	process.Env = append(os.Environ(), roleVariable+"="+role)
	return process
}

func start(t *testing.T, process *exec.Cmd) *bufio.Reader {
	t.Helper()
	stdout, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	return bufio.NewReader(stdout)
}

// request is one to run a program, whose main file is the folder's.
func (h *testHost) request(program string) *pulumirpc.RunRequest {
	return &pulumirpc.RunRequest{
		Project: "project", Stack: "stack", Organization: "organization", Parallel: 7,
		Pwd: program, MonitorAddress: h.monitor, Info: info(program),
	}
}

// info is that of a program in JavaScript: to load TypeScript's compiler takes most of the time of a small program.
func info(program string) *pulumirpc.ProgramInfo {
	return with(&pulumirpc.ProgramInfo{RootDirectory: program, ProgramDirectory: program, EntryPoint: "."}, "typescript", false)
}

func with(info *pulumirpc.ProgramInfo, option string, value any) *pulumirpc.ProgramInfo {
	options := info.Options.AsMap()
	options[option] = value
	info.Options, _ = structpb.NewStruct(options)
	return info
}

// run runs a program to its end.
func (h *testHost) run(request *pulumirpc.RunRequest) *pulumirpc.RunResponse {
	h.t.Helper()
	response, err := h.Run(h.t.Context(), request)
	if err != nil {
		h.t.Fatalf("%v\n%s%s", err, h.stdout, h.stderr)
	}
	return response
}

// succeed runs a program that must succeed, and returns the stack's outputs.
func (h *testHost) succeed(request *pulumirpc.RunRequest) map[string]any {
	h.t.Helper()
	if response := h.run(request); response.Error != "" || response.Bail {
		h.t.Fatalf("%v\n%s%s%v", response, h.stdout, h.stderr, h.engine.logs)
	}
	h.engine.mutex.Lock()
	defer h.engine.mutex.Unlock()
	return h.engine.outputs
}

// begin runs a program that prints "pid" and its process; the channel gets what Run returns.
func (h *testHost) begin(program string) (pid int, returned chan error) {
	h.t.Helper()
	returned = make(chan error, 1)
	go func() {
		response, err := h.Run(h.t.Context(), h.request(program))
		if err == nil {
			err = fmt.Errorf("response %v", response)
		}
		returned <- err
	}()
	return h.pid("pid "), returned
}

// pid awaits a line of the output that names a process.
func (h *testHost) pid(beginning string) (pid int) {
	h.t.Helper()
	h.eventually("the line "+beginning, func() bool {
		n, _ := fmt.Sscan(h.stdout.line(beginning), &pid)
		return n == 1
	})
	return pid
}

func (h *testHost) eventually(what string, holds func() bool) {
	h.t.Helper()
	eventually(h.t, what, holds, func() string { return h.stdout.String() + h.stderr.String() })
}

// received awaits a value of a channel, or its end.
func received[T any](t *testing.T, what string, channel <-chan T) T {
	t.Helper()
	select {
	case value := <-channel:
		return value
	case <-time.After(patience):
		t.Fatalf("not seen within %v: %s", patience, what)
		panic("unreachable")
	}
}

// patience is how long a test waits for what must happen.
const patience = 60 * time.Second

func eventually(t *testing.T, what string, holds func() bool, state func() string) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("not seen within %v: %s\n%s", patience, what, state())
}

// gone awaits the end of a process; one that nobody has collected counts as ended.
func (h *testHost) gone(what string, pid int) {
	h.t.Helper()
	h.eventually("the end of "+what, func() bool { return !alive(pid) })
}

func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z") && !strings.HasPrefix(rest, "X")
}

// folder is one with files; "/" at the end of a name makes a folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		write(t, filepath.Join(dir, name), content)
	}
	return dir
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// program is a folder with a program that finds this repository's packages.
func program(t *testing.T, index string) string {
	t.Helper()
	dir := folder(t, map[string]string{"index.js": index, "package.json": `{"name": "program", "version": "1.2.3"}`})
	link(t, repositoryModules(t), filepath.Join(dir, "node_modules"))
	return dir
}

func repositoryModules(t *testing.T) string {
	t.Helper()
	modules, err := filepath.Abs("../../../../node_modules")
	if err != nil {
		t.Fatal(err)
	}
	if !exists(filepath.Join(modules, "@pulumi", "pulumi")) {
		t.Fatalf("%s has no @pulumi/pulumi: npm ci is to be run first", modules)
	}
	return modules
}

func link(t *testing.T, target, at string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, at); err != nil {
		t.Fatal(err)
	}
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in %q", part, text)
		}
	}
}

func TestVersion(t *testing.T) {
	info, err := startHost(t).GetPluginInfo(t.Context(), &emptypb.Empty{})
	if err != nil || info.Version != "0.0.0-dev" {
		t.Fatal(info, err)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{}, {"--version"}, {"-v=3"}, {"engine"}, {"--tracing", "http://127.0.0.1/"}} {
		host := again("host", args...)
		text, err := host.CombinedOutput()
		if err == nil || host.ProcessState.ExitCode() != 1 {
			t.Errorf("%q: %v", args, err)
		}
		contains(t, string(text), "pulumi-language-nodejs [FLAG…] ENGINE-HOST:PORT")
	}
}

func TestGeneratesNoCode(t *testing.T) {
	h := startHost(t)
	for name, call := range map[string]func() error{
		"GenerateProgram": func() error {
			_, err := h.GenerateProgram(t.Context(), &pulumirpc.GenerateProgramRequest{})
			return err
		},
		"GenerateProject": func() error {
			_, err := h.GenerateProject(t.Context(), &pulumirpc.GenerateProjectRequest{})
			return err
		},
		"GeneratePackage": func() error {
			_, err := h.GeneratePackage(t.Context(), &pulumirpc.GeneratePackageRequest{})
			return err
		},
		"Pack": func() error { _, err := h.Pack(t.Context(), &pulumirpc.PackRequest{}); return err },
		"Link": func() error { _, err := h.Link(t.Context(), &pulumirpc.LinkRequest{}); return err },
	} {
		err := call()
		if status.Code(err) != codes.Unimplemented {
			t.Errorf("%s: %v", name, err)
		}
		contains(t, fmt.Sprint(err), name, "generates no code")
	}
}
