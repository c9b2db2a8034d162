package stack

import "syscall"

// ownGroup puts a child into its own process group and lets it die with this process, whatever that
// dies of: nothing survives a killed test or demo.
func ownGroup() *syscall.SysProcAttr {
	attributes := DieWithParent()
	attributes.Setpgid = true
	return attributes
}

// DieWithParent has the kernel kill a child when this process dies, where the system can (Linux). It is
// for children that stay in the terminal's process group.
func DieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
