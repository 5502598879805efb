//go:build unix && !linux

package child

import "syscall"

// attributes: only Linux can have the kernel kill the child together with its parent.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
