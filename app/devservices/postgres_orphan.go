package devservices

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// orphanTimeout is how long an orphan has to end after each signal.
	orphanTimeout       = 5 * time.Second
	orphanCheckInterval = 20 * time.Millisecond
)

// stopOrphan ends a server that a killed parent left on dir, with stronger signals each time.
// It signals only processes of the server's user, because that user can write dir.
func stopOrphan(dir string, owner *syscall.Credential) error {
	b, err := os.ReadFile(filepath.Join(dir, "cluster", "postmaster.pid"))
	if err != nil {
		return nil // no server ran, or it has ended properly
	}

	pid, err := strconv.Atoi(strings.SplitN(string(b), "\n", 2)[0])
	if err != nil || !isPostgres(pid, owner) {
		return nil // a stale file, which PostgreSQL itself recognises
	}

	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
		if err := syscall.Kill(pid, signal); err != nil {
			return nil
		}

		for deadline := time.Now().Add(orphanTimeout); time.Now().Before(deadline); {
			if syscall.Kill(pid, 0) != nil {
				return nil
			}

			time.Sleep(orphanCheckInterval)
		}
	}

	return fmt.Errorf("a PostgreSQL (process %d) still holds %s and doesn't end", pid, dir)
}

func isPostgres(pid int, owner *syscall.Credential) bool {
	out, err := exec.Command("ps", "-o", "uid=", "-o", "comm=", "-p", strconv.Itoa(pid)).Output()
	uid, command, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	return err == nil && uid == strconv.Itoa(uidOf(owner)) && strings.Contains(command, "postgres")
}
