package devservices

import "syscall"

// childAttributes lets a child run as who, and die with this process.
func childAttributes(who *syscall.Credential, death syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: who, Setpgid: true, Pdeathsig: death}
}
