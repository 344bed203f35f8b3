package supervise

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The supervisor collects every child of its process, so each test runs it in a process of its own: this test
// binary, called again.
func TestMain(m *testing.M) {
	if plan := os.Getenv("SUPERVISE_TEST_PLAN"); plan != "" {
		os.Exit(Main([]string{"supervise", plan}))
	}
	os.Exit(m.Run())
}

type supervisor struct {
	t       *testing.T
	dir     string
	command *exec.Cmd
}

func start(t *testing.T, programs ...Program) *supervisor {
	t.Helper()
	return startPlan(t, t.TempDir(), nil, nil, programs...)
}

func startPlan(t *testing.T, dir string, attributes *syscall.SysProcAttr, mounts []Mount, programs ...Program) *supervisor {
	t.Helper()
	s := &supervisor{t: t, dir: dir}
	plan := Plan{Status: filepath.Join(dir, "status.json"), StopSeconds: 0.3, Mounts: mounts, Programs: programs}
	for i := range plan.Programs {
		p := &plan.Programs[i]
		p.Log = filepath.Join(dir, "log", p.Name+".log")
		p.Env = append(p.Env, "PATH="+os.Getenv("PATH"), "DIR="+dir)
	}
	content, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "plan.json")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s.command = exec.Command(executable)
	s.command.Env = append(os.Environ(), "SUPERVISE_TEST_PLAN="+file)
	s.command.Stderr = os.Stderr
	s.command.SysProcAttr = attributes
	if err := s.command.Start(); attributes != nil && errors.Is(err, syscall.EPERM) {
		t.Skip("this system lets nobody make namespaces: ", err)
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.command.Process.Kill(); _ = s.command.Wait() })
	return s
}

func (s *supervisor) status() Status {
	content, err := os.ReadFile(filepath.Join(s.dir, "status.json"))
	if err != nil {
		return nil
	}
	status := Status{}
	if err := json.Unmarshal(content, &status); err != nil {
		s.t.Fatalf("the status file was seen half written: %v\n%s", err, content)
	}
	return status
}

func (s *supervisor) log(name string) string {
	content, _ := os.ReadFile(filepath.Join(s.dir, "log", name+".log"))
	return string(content)
}

// stop ends the supervisor with SIGTERM and returns its exit code and how long that took.
func (s *supervisor) stop() (int, time.Duration) {
	s.t.Helper()
	began := time.Now()
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	_ = s.command.Wait()
	return s.command.ProcessState.ExitCode(), time.Since(began)
}

func (s *supervisor) eventually(what string, holds func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	s.t.Fatalf("not seen within 20 s: %s; status %+v", what, s.status())
}

func shell(name, script string) Program {
	return Program{Name: name, Command: []string{"/bin/sh", "-c", script}}
}

func alive(pid int) bool { return pid > 0 && syscall.Kill(pid, 0) == nil }

func TestRunsAndStops(t *testing.T) {
	s := start(t, shell("one", "echo out; echo err >&2; exec sleep 1000"))
	s.eventually("both streams in the log", func() bool {
		return strings.Contains(s.log("one"), "out\n") && strings.Contains(s.log("one"), "err\n")
	})
	one := s.status()["one"]
	if !alive(one.PID) || one.Restarts != 0 || one.WaitingFor != "" {
		t.Fatalf("status of a running program: %+v", one)
	}
	if _, err := time.Parse(time.RFC3339Nano, one.StartedAt); err != nil {
		t.Fatal(err)
	}
	code, _ := s.stop()
	if code != 0 {
		t.Fatalf("exit code %d after SIGTERM", code)
	}
	if alive(one.PID) {
		t.Fatal("the program outlived the supervisor")
	}
	if after := s.status()["one"]; after.PID != 0 || after.LastExit != "ended by signal: terminated" {
		t.Fatalf("status after the stop: %+v", after)
	}
}

func TestStartsAgain(t *testing.T) {
	s := start(t, shell("brittle", "echo run; exit 3"))
	s.eventually("a second start", func() bool { return s.status()["brittle"].Restarts >= 1 })
	s.eventually("the reason in the log", func() bool {
		return strings.Contains(s.log("brittle"), "supervise: brittle ended: exit status 3; starting it again in 1s")
	})
	s.eventually("the second run in the log", func() bool { return strings.Count(s.log("brittle"), "run\n") >= 2 })
}

func TestSaysThatAProgramIsMissing(t *testing.T) {
	s := start(t, Program{Name: "absent", Command: []string{"/no/such/program"}})
	s.eventually("the reason in the log", func() bool {
		return strings.Contains(s.log("absent"), "cannot start /no/such/program: no such file or directory")
	})
}

func TestWaitsForAFile(t *testing.T) {
	gate := filepath.Join(t.TempDir(), "gate")
	late := shell("late", "exec sleep 1000")
	late.After = []Condition{{File: gate}}
	s := start(t, late)
	s.eventually("the wait in the status", func() bool { return s.status()["late"].WaitingFor == "file "+gate })
	time.Sleep(200 * time.Millisecond)
	if s.status()["late"].PID != 0 {
		t.Fatal("started before the file was there")
	}
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.eventually("the start", func() bool { return alive(s.status()["late"].PID) })
	if code, _ := s.stop(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
}

func TestStopsWhileWaiting(t *testing.T) {
	never := shell("never", "exit 0")
	never.After = []Condition{{File: filepath.Join(t.TempDir(), "never")}}
	s := start(t, never)
	s.eventually("the wait", func() bool { return s.status()["never"].WaitingFor != "" })
	if code, took := s.stop(); code != 0 || took > 2*time.Second {
		t.Fatalf("exit code %d after %v", code, took)
	}
}

func TestStopsInReverseOrder(t *testing.T) {
	script := func(name string) Program {
		return shell(name, fmt.Sprintf(`trap 'echo %s >> "$DIR/order"; exit 0' TERM; echo ready; while :; do sleep 0.02; done`, name))
	}
	s := start(t, script("first"), script("second"), script("third"))
	for _, name := range []string{"first", "second", "third"} {
		s.eventually(name+" ready", func() bool { return strings.Contains(s.log(name), "ready") })
	}
	s.stop()
	order, err := os.ReadFile(filepath.Join(s.dir, "order"))
	if err != nil || string(order) != "third\nsecond\nfirst\n" {
		t.Fatalf("order %q, %v", order, err)
	}
}

func TestKillsWhatDoesNotStop(t *testing.T) {
	s := start(t, shell("stubborn", `trap '' TERM; echo ready; while :; do sleep 0.02; done`))
	s.eventually("ready", func() bool { return strings.Contains(s.log("stubborn"), "ready") })
	pid := s.status()["stubborn"].PID
	code, took := s.stop()
	if code != 0 || took < 300*time.Millisecond || took > 3*time.Second {
		t.Fatalf("exit code %d after %v", code, took)
	}
	if alive(pid) {
		t.Fatal("still there")
	}
}

func TestReapsOrphans(t *testing.T) {
	// The inner shell ends at once; its child becomes an orphan and ends later.
	s := start(t, shell("parent", `sh -c 'sleep 0.3 & echo $! > "$DIR/orphan"'; exec sleep 1000`))
	var pid int
	s.eventually("the orphan's pid", func() bool {
		content, _ := os.ReadFile(filepath.Join(s.dir, "orphan"))
		n, _ := fmt.Sscan(string(content), &pid)
		return n == 1
	})
	if !alive(pid) {
		t.Fatal("the orphan was never there")
	}
	// kill(pid, 0) succeeds for a zombie: gone means collected.
	s.eventually("the orphan collected", func() bool { return !alive(pid) })
}

// namespaces makes the child the first process of its own PID namespace, with mounts of its own; the user
// namespace is what lets someone do that who is not root.
func namespaces() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
}

func TestIsFirstProcessWithMounts(t *testing.T) {
	dir := t.TempDir()
	path := func(parts ...string) string { return filepath.Join(append([]string{dir}, parts...)...) }
	for _, file := range []string{"value", "wanted"} {
		if err := os.WriteFile(path(file), []byte(file+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mounts := []Mount{
		{Kind: Propagation, Target: "/", Propagation: "rslave"},
		{Kind: Tmpfs, Target: path("run"), Mode: "0711"},
		{Kind: Bind, Source: path("made"), Target: path("run", "shown")},
		{Kind: Bind, Source: path("wanted"), Target: path("value"), ReadOnly: true},
	}
	s := startPlan(t, dir, namespaces(), mounts, shell("looker", `
		echo "mode $(stat -c %a "$DIR/run")" "$(cat "$DIR/value")"
		echo x > "$DIR/run/shown/file"
		echo x 2>/dev/null > "$DIR/value" || echo read-only
		sh -c 'sleep 0.2 & echo orphan $!'
		echo parent $PPID
		exec sleep 1000`))
	s.eventually("all lines", func() bool { return strings.Contains(s.log("looker"), "parent") })
	for _, line := range []string{"mode 711 wanted\n", "read-only\n", "parent 1\n"} {
		if !strings.Contains(s.log("looker"), line) {
			t.Errorf("missing %q in\n%s", line, s.log("looker"))
		}
	}
	if _, err := os.Stat(path("made", "file")); err != nil {
		t.Error("the bound folder does not show the source: ", err)
	}
	if _, err := os.Stat(path("run", "shown")); err == nil {
		t.Error("the mounts are seen outside")
	}
	if content, _ := os.ReadFile(path("value")); string(content) != "value\n" {
		t.Errorf("the file below the mount was changed: %q", content)
	}
	if pid := s.status()["looker"].PID; pid < 2 || pid > 1000 {
		t.Errorf("pid %d is not one of the new namespace", pid)
	}
	if code, _ := s.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestFailedMountStartsNothing(t *testing.T) {
	dir := t.TempDir()
	s := startPlan(t, dir, namespaces(), []Mount{{Kind: Bind, Source: filepath.Join(dir, "plan.json"), Target: filepath.Join(dir, "absent")}}, shell("never", "echo started"))
	_ = s.command.Wait()
	if code := s.command.ProcessState.ExitCode(); code != 1 || s.log("never") != "" {
		t.Fatalf("exit code %d, log %q", code, s.log("never"))
	}
}

func TestConditions(t *testing.T) {
	ok := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer ok.Close()
	secure := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer secure.Close()
	secure.Config.ErrorLog = nil
	bad := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }))
	defer bad.Close()
	dir := t.TempDir()
	socket := filepath.Join(dir, "socket")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ca := filepath.Join(dir, "ca.crt")
	if err := os.WriteFile(ca, pemOf(secure), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		condition Condition
		holds     bool
	}{
		{Condition{URL: ok.URL}, true},
		{Condition{URL: bad.URL}, false},
		{Condition{URL: secure.URL}, false},
		{Condition{URL: secure.URL, CAFile: ca}, true},
		{Condition{URL: secure.URL, CAFile: ca + ".later"}, false},
		{Condition{TCP: strings.TrimPrefix(ok.URL, "http://")}, true},
		{Condition{TCP: "127.0.0.1:1"}, false},
		{Condition{Socket: socket}, true},
		{Condition{Socket: ca}, false},
		{Condition{File: ca}, true},
		{Condition{File: ca + ".later"}, false},
	} {
		if err := c.condition.probe(t.Context()); (err == nil) != c.holds {
			t.Errorf("%+v: %v, expected to hold: %v", c.condition, err, c.holds)
		}
	}
}
