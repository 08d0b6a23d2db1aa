// Command assets copies the libraries that pages load into static/vendor, and a selection of the
// data of emoji. It
// installs the exact versions of package-lock.json first, unless they are
// installed. It runs from any directory of the repository; a second run changes
// nothing.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// sources maps each file of static/vendor to its source.
var sources = map[string]string{
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
	root, err := repositoryRoot()
	if err != nil {
		return err
	}

	if outdated(root) {
		if err := install(root); err != nil {
			return err
		}
	}

	for name, source := range sources {
		if err := copyFile(filepath.Join(root, source), filepath.Join(root, "static", "vendor", name)); err != nil {
			return err
		}
	}

	script, err := emojiScript(root)
	if err != nil {
		return err
	}
	return writeFile(script, filepath.Join(root, "static", "vendor", "emoji_data.js"))
}

// repositoryRoot returns the nearest directory with a package-lock.json, from the
// working directory upwards.
func repositoryRoot() (string, error) {
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

type lockFile struct {
	Packages map[string]struct {
		Version   string `json:"version"`
		Integrity string `json:"integrity"`
	} `json:"packages"`
}

// outdated reports whether the installed packages, which npm records in a lock file
// of its own, differ from package-lock.json, or a source file is missing.
func outdated(root string) bool {
	wanted, err := readLockFile(filepath.Join(root, "package-lock.json"))
	if err != nil {
		return true
	}
	installed, err := readLockFile(filepath.Join(root, "node_modules", ".package-lock.json"))
	if err != nil {
		return true
	}

	for name, p := range wanted.Packages {
		if name != "" && installed.Packages[name] != p {
			return true
		}
	}
	for _, source := range slices.Concat(slices.Collect(maps.Values(sources)), []string{emojiSource}) {
		if _, err := os.Stat(filepath.Join(root, source)); err != nil {
			return true
		}
	}
	return false
}

func readLockFile(path string) (lockFile, error) {
	var l lockFile
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

func copyFile(source, target string) error {
	body, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	return writeFile(body, target)
}

// writeFile writes a file unless it is equal. It replaces the file atomically, so that a
// concurrent build reads either the old or the new one.
func writeFile(body []byte, target string) error {
	if present, err := os.ReadFile(target); err == nil && bytes.Equal(present, body) {
		return nil
	}

	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(target), ".copying-*")
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
	return os.Rename(temp.Name(), target)
}
