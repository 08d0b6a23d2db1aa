package devservices

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

const minPostgresVersion = 15

// findPostgres returns a directory with initdb and postgres: installed ones that fit the data
// in dir, or else downloaded ones.
func findPostgres(dir string) (string, error) {
	dataVersion := 0
	if b, err := os.ReadFile(filepath.Join(dir, "cluster", "PG_VERSION")); err == nil {
		dataVersion, _ = strconv.Atoi(strings.TrimSpace(string(b)))
	}

	installed := installedPostgres()
	if dataVersion > 0 && installed[dataVersion] != "" {
		return installed[dataVersion], nil
	}

	if newest := InstalledPostgres(); dataVersion == 0 && newest != "" {
		return newest, nil
	}

	bin, err := downloadPostgres()
	if err != nil {
		return "", fmt.Errorf("no PostgreSQL %d or newer is installed, and downloading one failed (%w): "+
			"install it, or set DATABASE_URL", minPostgresVersion, err)
	}

	if v := versionOf(bin); dataVersion > 0 && v != dataVersion {
		return "", fmt.Errorf("the data in %s are PostgreSQL %d's, which isn't installed any more: "+
			"install it, or move the directory away to start anew", dir, dataVersion)
	}

	return bin, nil
}

// InstalledPostgres returns the directory of the newest installed PostgreSQL that new data
// use, or "" if there is none.
func InstalledPostgres() string {
	installed := installedPostgres()
	if len(installed) == 0 {
		return ""
	}
	return installed[slices.Max(slices.Collect(maps.Keys(installed)))]
}

// installedPostgres finds directories with initdb and postgres by major version.
func installedPostgres() map[int]string {
	installed := map[int]string{}
	for _, bin := range candidateDirs() {
		if v := versionOf(bin); v >= minPostgresVersion && installed[v] == "" {
			installed[v] = bin
		}
	}
	return installed
}

// candidateDirs are the directories where packages install PostgreSQL.
func candidateDirs() []string {
	var dirs []string

	if p, err := exec.LookPath("postgres"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			dirs = append(dirs, filepath.Dir(p))
		}
	}

	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/postgresql@*/bin",
	} {
		matches, _ := filepath.Glob(pattern) // fails only for a bad pattern
		dirs = append(dirs, matches...)
	}

	return dirs
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// versionOf returns the major version of the server in bin, or 0 if bin lacks the server or
// initdb.
func versionOf(bin string) int {
	if _, err := os.Stat(filepath.Join(bin, "initdb")); err != nil {
		return 0
	}

	out, err := exec.Command(filepath.Join(bin, "postgres"), "--version").Output()

	m := versionPattern.FindSubmatch(out)
	if err != nil || m == nil {
		return 0
	}

	v, _ := strconv.Atoi(string(m[1]))
	return v
}

// serverUser returns the user who runs the server if this process is root's, because
// PostgreSQL refuses to run as root: postgres, or nobody. For other users it returns nil.
func serverUser() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}

	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}

		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)

		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if errors.Join(err1, err2) == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}

	return nil, errors.New("PostgreSQL doesn't run as root, and there is no user postgres or nobody to run it as: " +
		"run Parley as another user, or set DATABASE_URL")
}
