package supervise

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// restartPause keeps a program that cannot start from using up the machine.
const restartPause = time.Second

// Main is the program `supervise`: its one argument is the plan's path. It returns the exit code: 0 after
// SIGTERM or SIGINT, 2 for a wrong call or plan, 1 if a mount fails.
func Main(args []string) int {
	if len(args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: supervise PLAN.json")
		return 2
	}
	plan, err := ReadPlan(args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "supervise:", err)
		return 2
	}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	if err := Run(ctx, plan); err != nil {
		fmt.Fprintln(os.Stderr, "supervise:", err)
		return 1
	}
	return 0
}

// Run makes the plan's mounts, then runs its programs until ctx ends, stops them in reverse order and returns.
// It collects every child of the process, so nothing else in it may wait for children. The error is that of
// the first mount that failed; no program has been started then.
func Run(ctx context.Context, plan *Plan) error {
	for i := range plan.Mounts {
		if err := plan.Mounts[i].make(); err != nil {
			return fmt.Errorf("mounts[%d]: %w", i, err)
		}
	}
	adoptOrphans()
	node := &node{reaper: reap(), status: &statusFile{path: plan.Status, all: Status{}}}
	grace := time.Duration(plan.StopSeconds * float64(time.Second))
	var running []*runner
	for i := range plan.Programs {
		running = append(running, node.run(&plan.Programs[i], grace))
	}
	<-ctx.Done()
	for i := len(running) - 1; i >= 0; i-- {
		running[i].stop()
	}
	return nil
}

// adoptOrphans makes this process the parent of its orphaned descendants where it is not process 1, which is
// that without being asked. A kernel that cannot do it leaves them to its own process 1, which is as good.
func adoptOrphans() {
	const setChildSubreaper = 36 // PR_SET_CHILD_SUBREAPER, which package syscall does not name
	if os.Getpid() != 1 {
		_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, setChildSubreaper, 1, 0)
	}
}

type node struct {
	reaper *reaper
	status *statusFile
}

// A runner keeps one program running until it is stopped.
type runner struct {
	cancel context.CancelFunc
	ended  chan struct{}
}

func (r *runner) stop() {
	r.cancel()
	<-r.ended
}

func (n *node) run(program *Program, grace time.Duration) *runner {
	ctx, cancel := context.WithCancel(context.Background())
	r := &runner{cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		for starts := 0; n.await(ctx, program); starts++ {
			end := n.once(ctx, program, grace, starts)
			n.status.change(program.Name, func(s *ProgramStatus) { s.PID, s.LastExit = 0, end })
			if ctx.Err() != nil {
				return
			}
			n.say(program, "%s; starting it again in %v", end, restartPause)
			select {
			case <-ctx.Done():
				return
			case <-time.After(restartPause):
			}
		}
	}()
	return r
}

// await blocks until all of the program's conditions hold; false means that it is stopped instead.
func (n *node) await(ctx context.Context, program *Program) bool {
	for i := range program.After {
		condition := &program.After[i]
		n.status.change(program.Name, func(s *ProgramStatus) { s.WaitingFor = condition.String() })
		if !condition.await(ctx) {
			return false
		}
	}
	n.status.change(program.Name, func(s *ProgramStatus) { s.WaitingFor = "" })
	return ctx.Err() == nil
}

// once runs the program until it ends or is stopped, and says how it ended.
func (n *node) once(ctx context.Context, program *Program, grace time.Duration, restarts int) string {
	log, err := openLog(program.Log)
	if err != nil {
		return "cannot start: " + err.Error()
	}
	env := program.Env
	if len(env) == 0 {
		env = os.Environ()
	}
	pid, ended, err := n.reaper.start(program.Command, env, program.Directory, log)
	log.Close() // the program has its own copy
	if err != nil {
		return fmt.Sprintf("cannot start %s: %v", program.Command[0], err)
	}
	n.status.change(program.Name, func(s *ProgramStatus) {
		s.PID, s.Restarts, s.StartedAt = pid, restarts, time.Now().UTC().Format(time.RFC3339Nano)
	})
	select {
	case status := <-ended:
		return describe(status)
	case <-ctx.Done():
	}
	_ = syscall.Kill(pid, syscall.SIGTERM)
	select {
	case status := <-ended:
		return describe(status)
	case <-time.After(grace):
	}
	// The whole session's group: what the program left behind must not outlive it.
	_ = syscall.Kill(-pid, syscall.SIGKILL)
	return describe(<-ended)
}

func describe(status syscall.WaitStatus) string {
	if status.Signaled() {
		return fmt.Sprintf("ended by signal: %v", status.Signal())
	}
	return fmt.Sprintf("ended: exit status %d", status.ExitStatus())
}

// say adds a line of the supervisor's own to the program's log.
func (n *node) say(program *Program, format string, args ...any) {
	line := fmt.Sprintf("%s supervise: %s %s\n", time.Now().UTC().Format(time.RFC3339Nano), program.Name, fmt.Sprintf(format, args...))
	log, err := openLog(program.Log)
	if err == nil {
		_, err = log.WriteString(line)
		log.Close()
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s(its log cannot be written: %v)\n", line, err)
	}
}

func openLog(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
}
