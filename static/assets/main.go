// Command assets brings the libraries that pages load into static/vendor: it installs the exact versions of package-lock.json when
// they aren't there, and copies their files. Run it from anywhere in the repository; running it again changes nothing.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// copies says where each file of static/vendor comes from.
var copies = map[string]string{
	"htmx.js":  "node_modules/htmx.org/dist/htmx.min.js",
	"morph.js": "node_modules/idiomorph/dist/idiomorph-ext.min.js",
	"sse.js":   "node_modules/htmx-ext-sse/dist/sse.min.js",
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "assets:", err)
		os.Exit(1)
	}
}

func run() error {
	root, err := repository()
	if err != nil {
		return err
	}
	if outdated(root) {
		if err := install(root); err != nil {
			return err
		}
	}
	for name, from := range copies {
		if err := bring(filepath.Join(root, from), filepath.Join(root, "static", "vendor", name)); err != nil {
			return err
		}
	}
	return nil
}

// repository is the nearest directory upwards that holds package-lock.json.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "package-lock.json")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no package-lock.json here or above: run this inside the repository")
		}
		dir = parent
	}
}

type lock struct {
	Packages map[string]struct {
		Version   string `json:"version"`
		Integrity string `json:"integrity"`
	} `json:"packages"`
}

// outdated tells whether what npm installed (it keeps a lock file of its own) differs from what package-lock.json wants.
func outdated(root string) bool {
	wanted, err := readLock(filepath.Join(root, "package-lock.json"))
	if err != nil {
		return true
	}
	installed, err := readLock(filepath.Join(root, "node_modules", ".package-lock.json"))
	if err != nil {
		return true
	}
	for name, p := range wanted.Packages {
		if name != "" && installed.Packages[name] != p {
			return true
		}
	}
	for _, from := range copies {
		if _, err := os.Stat(filepath.Join(root, from)); err != nil {
			return true
		}
	}
	return false
}

func readLock(path string) (lock, error) {
	var l lock
	b, err := os.ReadFile(path)
	if err != nil {
		return l, err
	}
	return l, json.Unmarshal(b, &l)
}

func install(root string) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return errors.New("npm is missing: install Node.js 20 or newer (on Debian: apt-get install nodejs npm)")
	}
	cmd := exec.Command(npm, "ci", "--ignore-scripts")
	cmd.Dir, cmd.Stdout, cmd.Stderr = root, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("npm ci --ignore-scripts: %w", err)
	}
	return nil
}

// bring copies a file unless it is there already, in one step: a build beside it sees the old one or the new one, whole.
func bring(from, to string) error {
	body, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if there, err := os.ReadFile(to); err == nil && bytes.Equal(there, body) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(to), ".copying-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	if _, err := temp.Write(body); err != nil {
		return errors.Join(err, temp.Close())
	}
	if err := errors.Join(temp.Chmod(0o644), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), to)
}
