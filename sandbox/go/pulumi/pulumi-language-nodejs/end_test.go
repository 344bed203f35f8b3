package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

const (
	// endless is a program that prints its process and that of a child, and never ends.
	endless = `
		const child = require("child_process").spawn("sleep", ["1000"], { stdio: "inherit" });
		child.on("exit", (code, signal) => console.log("child ended by " + signal));
		console.log("child " + child.pid);
		console.log("pid " + process.pid);
		setInterval(() => {}, 1000);`
	// careful is one that takes a while to end.
	careful = `
		process.on("SIGTERM", () => setTimeout(() => { console.log("cleaned up"); process.exit() }, 300));` + endless
	// stubborn is one that says that it is asked to end, and does not.
	stubborn = `
		process.on("SIGTERM", () => console.log("asked to end"));` + endless
)

func canceled(t *testing.T, err error) {
	t.Helper()
	if status.Code(err) != codes.Canceled {
		t.Errorf("%v instead of Canceled", err)
	}
}

func TestCancelEndsProgramsAndTheirChildren(t *testing.T) {
	h := startHost(t)
	pid, returned := h.begin(program(t, endless))
	child := h.pid("child ")
	if _, err := h.Cancel(t.Context(), &emptypb.Empty{}); err != nil {
		t.Fatal(err)
	}
	canceled(t, received(t, "the end of Run", returned))
	h.gone("the program", pid)
	h.gone("its child", child)
	if _, err := h.Run(t.Context(), h.request(program(t, ""))); status.Code(err) != codes.Canceled {
		t.Errorf("a program was run after Cancel: %v", err)
	}
	if _, err := h.GetPluginInfo(t.Context(), &emptypb.Empty{}); err != nil {
		t.Errorf("the host does not answer after Cancel: %v", err)
	}
}

func TestWhoDoesNotEndIsKilled(t *testing.T) {
	h := startHost(t)
	pid, returned := h.begin(program(t, stubborn))
	if _, err := h.Cancel(t.Context(), &emptypb.Empty{}); err != nil {
		t.Fatal(err)
	}
	canceled(t, received(t, "the end of Run", returned))
	h.gone("the program", pid)
	contains(t, h.stdout.String(), "asked to end\n", "child ended by SIGTERM\n")
}

func TestWhatAProgramLeavesBehindIsEnded(t *testing.T) {
	h := startHost(t)
	h.succeed(h.request(program(t, `
		const child = require("child_process").spawn("sleep", ["1000"], { stdio: "inherit" });
		console.log("child " + child.pid);
		child.unref();`)))
	h.gone("the child", h.pid("child "))
}

func TestProgramIsKilled(t *testing.T) {
	h := startHost(t)
	pid, returned := h.begin(program(t, endless))
	child := h.pid("child ")
	kill(t, pid)
	contains(t, fmt.Sprint(received(t, "the end of Run", returned)), "the program ended with signal: killed")
	h.gone("the child", child)
}

func TestEngineIsKilled(t *testing.T) {
	process := again("engine")
	address, err := start(t, process).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = process.Process.Kill(); _ = process.Wait() })
	// The monitor stays: that the program ends is the host's doing.
	monitor := newEngine()
	listener, server := monitor.listen()
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	h := startHostFor(t, monitor, strings.TrimSpace(address), listener.Addr().String())
	pid, returned := h.begin(program(t, stubborn))
	child := h.pid("child ")
	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	received(t, "the end of Run", returned)
	h.gone("the program", pid)
	h.gone("its child", child)
	received(t, "the end of the host", h.ended)
	if code := h.process.ProcessState.ExitCode(); code != 0 {
		t.Errorf("the host ended with %d\n%s", code, h.stderr)
	}
}

func TestEngineInterruptsTheHost(t *testing.T) {
	h := startHost(t)
	pid, _ := h.begin(program(t, careful))
	if err := syscall.Kill(-h.process.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	h.gone("the program", pid)
	received(t, "the end of the host", h.ended)
	if code := h.process.ProcessState.ExitCode(); code != 0 {
		t.Errorf("the host ended with %d\n%s", code, h.stderr)
	}
	contains(t, h.stdout.String(), "cleaned up\n")
}

func TestHostIsKilled(t *testing.T) {
	h := startHost(t)
	pid, _ := h.begin(program(t, stubborn))
	if err := h.process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	h.gone("the program", pid)
}

func TestIdleHostEndsAtOnce(t *testing.T) {
	h := startHost(t)
	if err := h.process.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	received(t, "the end of the host", h.ended)
	if code := h.process.ProcessState.ExitCode(); code != 0 {
		t.Errorf("the host ended with %d\n%s", code, h.stderr)
	}
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}
