package devservices

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Files in the data directory, see the package's documentation.
const (
	lockFile    = "lock"
	addressFile = "services.json"
	pidFile     = "services.pid"
	logFile     = "services.log"
	portsFile   = "ports.json"
)

// closingRequest announces the end of a lease. Its response says whether the lease is the
// last.
const closingRequest = "null\n"

// response is the child's line after each line of a launcher.
type response struct {
	Services []Service `json:"parts"`
	Error    string    `json:"error"`
	Last     bool      `json:"last"` // after closingRequest: the child ends with this lease
}

// refusal is the child's error when a service cannot be started.
type refusal struct{ message string }

func (r *refusal) Error() string { return r.message }

// childAddress is the address of the child that serves dir, or "".
func childAddress(dir string) (address string) {
	readJSON(filepath.Join(dir, addressFile), &address)
	return address
}

// writeJSON replaces a file atomically.
func writeJSON(path string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}

	partial := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := os.WriteFile(partial, b, 0o600); err != nil {
		return err
	}

	return os.Rename(partial, path)
}

// readJSON does not change v if the file is missing or invalid.
func readJSON(path string, v any) {
	if b, err := os.ReadFile(path); err == nil {
		_ = json.Unmarshal(b, v)
	}
}
