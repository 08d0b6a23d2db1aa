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
func stopOrphan(dir string) error {
	b, err := os.ReadFile(filepath.Join(dir, "cluster", "postmaster.pid"))
	if err != nil {
		return nil // no server ran, or it has ended properly
	}

	pid, err := strconv.Atoi(strings.SplitN(string(b), "\n", 2)[0])
	if err != nil || !isPostgres(pid) {
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

func isPostgres(pid int) bool {
	out, err := exec.Command("ps", "-o", "comm=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(out), "postgres")
}
