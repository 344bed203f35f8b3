// Package supervise runs the programs of a sandbox's node. It is process 1 of the node's PID namespace:
// it makes the node's mounts, starts each program once what it needs is there, starts again any that ends,
// reaps orphans, and stops everything in reverse order on SIGTERM.
package supervise

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Plan is what the node consists of. It is read once, from a JSON file; a field that is not known here is an
// error, so that a misspelt name is found at once. All paths are absolute.
//
//	{
//	  "status": "/state/status.json",
//	  "mounts": [
//	    {"kind": "propagation", "target": "/", "propagation": "rslave"},
//	    {"kind": "propagation", "target": "/", "propagation": "rshared"},
//	    {"kind": "tmpfs", "target": "/run", "mode": "0755"},
//	    {"kind": "bind", "source": "/state/kubelet", "target": "/var/lib/kubelet"}
//	  ],
//	  "programs": [
//	    {"name": "etcd", "command": ["/tools/kube", "etcd"], "log": "/state/log/etcd.log"},
//	    {"name": "kube-apiserver", "command": ["/tools/kube", "kube-apiserver"], "env": ["PATH=/usr/bin"],
//	     "log": "/state/log/kube-apiserver.log",
//	     "after": [{"url": "https://127.0.0.1:2379/health", "caFile": "/state/ca.crt"}]}
//	  ]
//	}
type Plan struct {
	// Status is the file that Status is written to, whole and by rename, whenever something changes.
	// Empty: none is written.
	Status string `json:"status,omitempty"`
	// Mounts are made in this order before the first program starts. One that fails ends the supervisor.
	Mounts []Mount `json:"mounts,omitempty"`
	// Programs are started together, each as soon as its own After holds. They are stopped in reverse order.
	Programs []Program `json:"programs"`
	// StopSeconds is how long one program may take to end after SIGTERM before it is killed. Default 2; at
	// most 60.
	StopSeconds float64 `json:"stopSeconds,omitempty"`
}

// The kinds of Mount.
const (
	// Bind shows Source at Target. A Source that does not exist is made as a folder, and so is a Target if
	// Source is a folder; a file is bound over a file that exists.
	Bind = "bind"
	// Tmpfs mounts an empty memory file system at Target, which is made if need be.
	Tmpfs = "tmpfs"
	// Propagation changes how mounts below Target spread, and mounts nothing.
	Propagation = "propagation"
)

// Mount is one step of the node's file system.
type Mount struct {
	// Kind is Bind, Tmpfs or Propagation.
	Kind string `json:"kind"`
	// Source is the file or folder that Bind shows.
	Source string `json:"source,omitempty"`
	// Target is where it is shown.
	Target string `json:"target"`
	// Propagation is private, slave or shared, with an r in front for everything below Target as well.
	// Only for the kind of that name.
	Propagation string `json:"propagation,omitempty"`
	// Mode is the octal mode of the folder that Tmpfs mounts. Default "0755".
	Mode string `json:"mode,omitempty"`
	// ReadOnly makes a Bind unwritable.
	ReadOnly bool `json:"readOnly,omitempty"`
}

// Program is one long-running process. Whenever it ends, it is started again 1 s later, without end.
type Program struct {
	// Name is unique in the plan: letters, digits, '-', '_' and '.'.
	Name string `json:"name"`
	// Command is the program's absolute path and its arguments.
	Command []string `json:"command"`
	// Env is the whole environment, as NAME=value. Empty: the supervisor's own.
	Env []string `json:"env,omitempty"`
	// Directory is the working directory. Default "/".
	Directory string `json:"directory,omitempty"`
	// Log is the file that standard output and error, and the supervisor's words about this program, are
	// appended to. Its folder is made.
	Log string `json:"log"`
	// After must all hold before the program is started, the first time and after each end.
	After []Condition `json:"after,omitempty"`
}

// Condition holds when what it names is there. Exactly one of TCP, URL, File and Socket is set. It is looked at
// every 50 ms, without end.
type Condition struct {
	// TCP is a host:port that accepts a connection.
	TCP string `json:"tcp,omitempty"`
	// URL is an http or https URL that answers 2xx.
	URL string `json:"url,omitempty"`
	// CAFile holds the PEM certificates that an https URL is verified with. Default: the system's. The file
	// may appear later than the plan.
	CAFile string `json:"caFile,omitempty"`
	// CertFile and KeyFile are the client's certificate and key for an https URL. Both or none.
	CertFile string `json:"certFile,omitempty"`
	KeyFile  string `json:"keyFile,omitempty"`
	// File is a path where something exists.
	File string `json:"file,omitempty"`
	// Socket is the path of a Unix socket that accepts a connection.
	Socket string `json:"socket,omitempty"`
}

// Status is the content of the status file: one entry for each program, by name.
type Status map[string]ProgramStatus

// ProgramStatus is how one program is doing.
type ProgramStatus struct {
	// PID is the process id inside the node's PID namespace; 0 while the program is not running.
	PID int `json:"pid"`
	// Restarts counts the starts after the first.
	Restarts int `json:"restarts"`
	// StartedAt is the time of the latest start, RFC 3339 with nanoseconds; empty before the first.
	StartedAt string `json:"startedAt,omitempty"`
	// WaitingFor names the first condition that does not hold yet; empty otherwise.
	WaitingFor string `json:"waitingFor,omitempty"`
	// LastExit says how the latest run ended, e.g. "exit status 1"; empty while there was none.
	LastExit string `json:"lastExit,omitempty"`
}

// ReadPlan reads and checks a plan. The error names the file, and every fault that was found.
func ReadPlan(path string) (*Plan, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	plan := &Plan{}
	if err := decoder.Decode(plan); err != nil {
		return nil, fmt.Errorf("plan %s: %w", path, err)
	}
	if err := plan.check(); err != nil {
		return nil, fmt.Errorf("plan %s: %w", path, err)
	}
	return plan, nil
}

func (p *Plan) check() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if p.StopSeconds == 0 {
		p.StopSeconds = 2
	}
	if p.StopSeconds < 0 || p.StopSeconds > 60 {
		fault("stopSeconds is %v, must be between 0 and 60", p.StopSeconds)
	}
	if p.Status != "" && !filepath.IsAbs(p.Status) {
		fault("status %q is not an absolute path", p.Status)
	}
	for i := range p.Mounts {
		if err := p.Mounts[i].check(); err != nil {
			fault("mounts[%d]: %w", i, err)
		}
	}
	if len(p.Programs) == 0 {
		fault("programs is empty: there is nothing to run")
	}
	names := map[string]bool{}
	for i := range p.Programs {
		program := &p.Programs[i]
		if names[program.Name] {
			fault("programs[%d]: the name %q is used twice", i, program.Name)
		}
		names[program.Name] = true
		if err := program.check(); err != nil {
			fault("programs[%d] (%s): %w", i, program.Name, err)
		}
	}
	return errors.Join(faults...)
}

func (m *Mount) check() error {
	if !filepath.IsAbs(m.Target) {
		return fmt.Errorf("target %q is not an absolute path", m.Target)
	}
	if m.Kind != Propagation && m.Propagation != "" {
		return fmt.Errorf("propagation is only for the kind %q; make it a step of its own", Propagation)
	}
	if m.Kind != Bind && m.ReadOnly {
		return fmt.Errorf("readOnly is only for the kind %q", Bind)
	}
	switch m.Kind {
	case Bind:
		if !filepath.IsAbs(m.Source) {
			return fmt.Errorf("source %q is not an absolute path", m.Source)
		}
	case Tmpfs:
		if m.Mode == "" {
			m.Mode = "0755"
		}
		if strings.Trim(m.Mode, "01234567") != "" || len(m.Mode) > 5 {
			return fmt.Errorf("mode %q is not octal", m.Mode)
		}
	case Propagation:
		if _, ok := propagations[m.Propagation]; !ok {
			return fmt.Errorf("propagation is %q, must be private, slave, shared, rprivate, rslave or rshared", m.Propagation)
		}
	default:
		return fmt.Errorf("kind is %q, must be %q, %q or %q", m.Kind, Bind, Tmpfs, Propagation)
	}
	return nil
}

func (p *Program) check() error {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
	if p.Name == "" || strings.Trim(p.Name, allowed) != "" {
		return fmt.Errorf("name %q must be letters, digits, '-', '_' and '.'", p.Name)
	}
	if len(p.Command) == 0 || !filepath.IsAbs(p.Command[0]) {
		return errors.New("command must begin with the program's absolute path")
	}
	if !filepath.IsAbs(p.Log) {
		return fmt.Errorf("log %q is not an absolute path", p.Log)
	}
	if p.Directory == "" {
		p.Directory = "/"
	}
	for i := range p.After {
		if err := p.After[i].check(); err != nil {
			return fmt.Errorf("after[%d]: %w", i, err)
		}
	}
	return nil
}

func (c *Condition) check() error {
	set := 0
	for _, value := range []string{c.TCP, c.URL, c.File, c.Socket} {
		if value != "" {
			set++
		}
	}
	if set != 1 {
		return fmt.Errorf("exactly one of tcp, url, file and socket must be set, not %d of them", set)
	}
	if c.URL != "" && !strings.HasPrefix(c.URL, "http://") && !strings.HasPrefix(c.URL, "https://") {
		return fmt.Errorf("url %q is neither http nor https", c.URL)
	}
	if !strings.HasPrefix(c.URL, "https://") && (c.CAFile != "" || c.CertFile != "" || c.KeyFile != "") {
		return errors.New("caFile, certFile and keyFile are only for an https url")
	}
	if (c.CertFile == "") != (c.KeyFile == "") {
		return errors.New("certFile and keyFile must be given together")
	}
	return nil
}
