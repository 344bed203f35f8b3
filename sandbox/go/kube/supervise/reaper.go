package supervise

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// A reaper collects every child that ends: the supervisor's own and the orphans that the kernel hands to
// process 1. It is the only one that waits: os/exec would compete with it for the same children.
type reaper struct {
	// mutex also covers a start, so that a child that ends at once is not collected before it is known.
	mutex    sync.Mutex
	children map[int]chan syscall.WaitStatus
}

// reap starts to collect children, until the process ends.
func reap() *reaper {
	r := &reaper{children: map[int]chan syscall.WaitStatus{}}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGCHLD)
	go func() {
		for range signals {
			r.collect()
		}
	}()
	return r
}

// collect takes all that have ended: one SIGCHLD may stand for many of them.
func (r *reaper) collect() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
		if ended, ok := r.children[pid]; ok {
			delete(r.children, pid)
			ended <- status
		}
	}
}

// start runs a command in a session of its own; the channel gives its status once, when it has ended.
func (r *reaper) start(command, env []string, directory string, output *os.File) (int, <-chan syscall.WaitStatus, error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return 0, nil, err
	}
	defer null.Close()
	r.mutex.Lock()
	defer r.mutex.Unlock()
	pid, err := syscall.ForkExec(command[0], command, &syscall.ProcAttr{
		Dir:   directory,
		Env:   env,
		Files: []uintptr{null.Fd(), output.Fd(), output.Fd()},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return 0, nil, err
	}
	ended := make(chan syscall.WaitStatus, 1)
	r.children[pid] = ended
	return pid, ended, nil
}
