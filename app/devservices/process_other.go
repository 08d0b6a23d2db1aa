//go:build !linux

package devservices

import "syscall"

// childAttributes lets a child run as who. Only Linux can also tie its life to ours; elsewhere stopOrphan ends what a kill -9 leaves.
func childAttributes(who *syscall.Credential, _ syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: who, Setpgid: true}
}
