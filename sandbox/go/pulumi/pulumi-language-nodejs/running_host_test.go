package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
)

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
