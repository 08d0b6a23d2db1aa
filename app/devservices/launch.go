package devservices

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/gofrs/flock"
)

// lockIsFree reports whether no child serves dir.
func lockIsFree(dir string) bool {
	lock := flock.New(filepath.Join(dir, lockFile))
	held, err := lock.TryLock()
	if held {
		err = lock.Unlock()
	}

	return held && err == nil
}

// startChild starts the child in a session of its own, because the terminal's Ctrl-C is for
// the replicas: the child ends when they close their leases.
func startChild(dir, self string) error {
	log, err := os.OpenFile(filepath.Join(dir, logFile), os.O_CREATE|os.O_APPEND|os.O_WRONLY|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()

	cmd := exec.Command(self, "services")
	cmd.Env = append(os.Environ(), "DATA_DIR="+dir)
	cmd.Stdout, cmd.Stderr = log, log

	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}

	go cmd.Wait() // reaps the process; the leases notice its end by their connections
	return nil
}
