//go:build !linux

package devservices

import "syscall"

// childAttributes make a child run as owner. Only Linux can also end it with this process:
// elsewhere stopOrphan ends a server whose parent was killed.
func childAttributes(owner *syscall.Credential, _ syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: owner, Setpgid: true}
}
