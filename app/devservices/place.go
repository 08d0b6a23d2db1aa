package devservices

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
)

// postgresDir is where the server keeps its data: in dataDir, or, when we are root and the server's user couldn't reach that, in a
// directory under /var/tmp that is named after it.
func postgresDir(dataDir string) (string, error) {
	abs, err := filepath.Abs(dataDir)
	if err != nil {
		return "", err
	}
	if os.Getuid() != 0 || reachable(abs) {
		return filepath.Join(abs, "postgres"), nil
	}
	return filepath.Join("/var/tmp", fmt.Sprintf("parley-%x", sha256.Sum256([]byte(abs)))[:23]), nil
}

// reachable tells whether any user may pass through every directory down to dir.
func reachable(dir string) bool {
	for d := dir; ; d = filepath.Dir(d) {
		info, err := os.Stat(d)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		if d == filepath.Dir(d) {
			return true
		}
	}
}
