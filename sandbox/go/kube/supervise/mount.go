package supervise

import (
	"fmt"
	"os"
	"syscall"
)

var propagations = map[string]uintptr{
	"private":  syscall.MS_PRIVATE,
	"slave":    syscall.MS_SLAVE,
	"shared":   syscall.MS_SHARED,
	"rprivate": syscall.MS_PRIVATE | syscall.MS_REC,
	"rslave":   syscall.MS_SLAVE | syscall.MS_REC,
	"rshared":  syscall.MS_SHARED | syscall.MS_REC,
}

func (m *Mount) make() error {
	switch m.Kind {
	case Bind:
		return m.bind()
	case Tmpfs:
		if err := os.MkdirAll(m.Target, 0o755); err != nil {
			return err
		}
		return named("mount tmpfs", m.Target, syscall.Mount("tmpfs", m.Target, "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV, "mode="+m.Mode))
	default:
		return named("set propagation "+m.Propagation+" of", m.Target, syscall.Mount("none", m.Target, "", propagations[m.Propagation], ""))
	}
}

func (m *Mount) bind() error {
	info, err := os.Stat(m.Source)
	if os.IsNotExist(err) {
		if err = os.MkdirAll(m.Source, 0o755); err == nil {
			info, err = os.Stat(m.Source)
		}
	}
	if err != nil {
		return err
	}
	if info.IsDir() {
		if err := os.MkdirAll(m.Target, 0o755); err != nil {
			return err
		}
	}
	if err := syscall.Mount(m.Source, m.Target, "", syscall.MS_BIND, ""); err != nil {
		return named("bind "+m.Source+" over", m.Target, err)
	}
	if !m.ReadOnly {
		return nil
	}
	// The kernel ignores MS_RDONLY while it binds; it takes a second call, which must repeat the flags there are.
	flags, err := flagsOf(m.Target)
	if err != nil {
		return err
	}
	return named("make read-only", m.Target, syscall.Mount("", m.Target, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY|flags, ""))
}

// flagsOf returns the flags that the mount at the path has, as syscall.Mount takes them.
func flagsOf(path string) (uintptr, error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(path, &stat); err != nil {
		return 0, named("ask for the mount at", path, err)
	}
	// These have the same value in both calls; the one below has not.
	flags := uintptr(stat.Flags) & (syscall.MS_NOSUID | syscall.MS_NODEV | syscall.MS_NOEXEC | syscall.MS_NOATIME | syscall.MS_NODIRATIME)
	const statRelatime = 0x1000
	if stat.Flags&statRelatime != 0 {
		flags |= syscall.MS_RELATIME
	}
	return flags, nil
}

func named(what, target string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", what, target, err)
}
