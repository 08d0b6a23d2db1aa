package devservices

import "syscall"

// childAttributes make a child run as owner, and receive the signal death when this process
// ends.
func childAttributes(owner *syscall.Credential, death syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: owner, Setpgid: true, Pdeathsig: death}
}
