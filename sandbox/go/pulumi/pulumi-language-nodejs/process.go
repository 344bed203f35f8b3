package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// grace is how long a process may take that was asked to end, and then again what it leaves behind: together less than the
// 5 s after which the engine kills this host, which is to outlive what it runs.
const grace = 2 * time.Second

// command is a process with a group of its own: what it starts can be ended with it. It is asked to end when the context is
// done, and is killed when this host is.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	process := exec.CommandContext(ctx, name, args...)
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	process.Cancel = func() error { return syscall.Kill(-process.Process.Pid, syscall.SIGTERM) }
	process.WaitDelay = grace
	return process
}

// run runs a command to its end, and ends what it leaves behind.
func run(process *exec.Cmd) error {
	// The system takes the end of the thread that started a process for the end of its parent.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if process.Dir != "" {
		// The system would blame the executable for a folder that is missing.
		if _, err := os.Stat(process.Dir); err != nil {
			return err
		}
	}
	if err := process.Start(); err != nil {
		return err
	}
	err := process.Wait()
	endGroup(process.Process.Pid)
	if errors.Is(err, exec.ErrWaitDelay) {
		// It ended well; only a process that it left behind kept its output open.
		return nil
	}
	return err
}

// endGroup asks all processes of a group to end, and kills those that do not.
func endGroup(group int) {
	signal := syscall.SIGTERM
	for deadline := time.Now().Add(grace); syscall.Kill(-group, signal) == nil; time.Sleep(10 * time.Millisecond) {
		signal = 0 // to ask once is enough; from now on it is only asked whether there is anyone
		if time.Now().After(deadline) {
			_ = syscall.Kill(-group, syscall.SIGKILL)
			return
		}
	}
}
