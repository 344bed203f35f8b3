package supervise

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
)

// A statusFile keeps what is known about each program, and its copy on disk.
type statusFile struct {
	path  string
	mutex sync.Mutex
	all   Status
}

// change updates one program's entry and writes the file. A file that cannot be written does not stop the
// node: it is said on standard error.
func (s *statusFile) change(name string, update func(*ProgramStatus)) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	entry := s.all[name]
	update(&entry)
	s.all[name] = entry
	if s.path == "" {
		return
	}
	if err := s.write(); err != nil {
		fmt.Fprintln(os.Stderr, "supervise: status:", err)
	}
}

// write replaces the file as a whole, so that a reader never sees half of it.
func (s *statusFile) write() error {
	content, err := json.MarshalIndent(s.all, "", "  ")
	if err != nil {
		return err
	}
	next := s.path + ".next"
	if err := os.WriteFile(next, append(content, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(next, s.path)
}
