//go:build unix && !linux

package stack

import "syscall"

// ownGroup puts a child into its own process group. Only Linux can tie its life to its parent's.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// DieWithParent has the kernel kill a child when this process dies, where the system can (Linux).
func DieWithParent() *syscall.SysProcAttr { return nil }
