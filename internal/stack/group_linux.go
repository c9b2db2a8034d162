package stack

import "syscall"

// ownGroup puts a child into its own process group and has the kernel kill it when this process dies,
// whatever it dies of: nothing survives a killed test or demo.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
