package devservices

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
)

// Directories of root's services, which only root may write.
const (
	rootCache = "/var/cache/parley"
	rootData  = "/var/lib/parley"
)

// postgresDir returns the directory of the server's data. It is inside dataDir, except for
// root if the server's user cannot reach that: then it is a directory in rootData, whose
// name is derived from dataDir.
func postgresDir(dataDir string) (string, error) {
	abs, err := filepath.Abs(dataDir)
	if err != nil {
		return "", err
	}

	if os.Getuid() != 0 || isReachable(abs) {
		return filepath.Join(abs, "postgres"), nil
	}

	if err := ownDirectory(rootData, 0o711, 0); err != nil {
		return "", err
	}

	return filepath.Join(rootData, fmt.Sprintf("postgres-%x", sha256.Sum256([]byte(abs)))[:25]), nil
}

// isReachable reports whether every user may pass through all directories down to dir.
func isReachable(dir string) bool {
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
