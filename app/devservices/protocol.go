package devservices

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
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
	secretsFile = "secrets.json"
	socketFile  = "services.sock"
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

// removeSocketDirectory removes the temporary directory of listenOwn, if it made one.
func removeSocketDirectory(dir string, listener net.Listener) error {
	own, err := filepath.Abs(dir)
	if used := filepath.Dir(listener.Addr().String()); err == nil && used != own {
		return os.Remove(used)
	}
	return err
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

// maxSocketPath is the length of a socket's path that every system accepts.
const maxSocketPath = 100

// listenOwn listens on a socket that only this user reaches: in dir, or if its path is too long
// for a socket, in a new directory for temporary files. The caller holds the lock of dir.
func listenOwn(dir string) (net.Listener, error) {
	path, err := filepath.Abs(filepath.Join(dir, socketFile))
	if err != nil {
		return nil, err
	}

	if len(path) > maxSocketPath {
		private, err := os.MkdirTemp("", "parley-services-")
		if err != nil {
			return nil, err
		}
		path = filepath.Join(private, socketFile)
	}

	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) { // a killed child's
		return nil, err
	}

	return net.Listen("unix", path)
}

// readJSON does not change v if the file is missing or invalid.
func readJSON(path string, v any) {
	if b, err := os.ReadFile(path); err == nil {
		_ = json.Unmarshal(b, v)
	}
}
