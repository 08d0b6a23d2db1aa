package devservices

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// passwordFile has the superuser's password. It is beside the cluster's directory.
const passwordFile = "password"

// createCluster creates dir/cluster unless it exists. It works on a partial directory, which
// an interrupted creation leaves behind and the next one deletes.
func createCluster(ctx context.Context, bin, dir string, owner *syscall.Credential) error {
	cluster, partial := filepath.Join(dir, "cluster"), filepath.Join(dir, "cluster.partial")
	if _, err := os.Stat(cluster); err == nil {
		return nil
	}

	if err := os.RemoveAll(partial); err != nil {
		return err
	}

	secret, err := writePassword(dir, rand.Text(), owner)
	if err != nil {
		return err
	}

	err = runAs(ctx, owner, filepath.Join(bin, "initdb"), "-D", partial, "-U", "parley", "--pwfile", secret,
		"-A", "scram-sha-256", "-E", "UTF8", "--no-locale", "--no-instructions")
	if err != nil {
		return err
	}

	return os.Rename(partial, cluster)
}

// createStandby creates dir/cluster, unless it exists, from a base backup of a running
// primary, which the server then follows.
func createStandby(ctx context.Context, bin, dir, primary string, owner *syscall.Credential) error {
	cluster := filepath.Join(dir, "cluster")
	if _, err := os.Stat(cluster); err == nil {
		return nil
	}

	u, err := url.Parse(primary)
	if err != nil {
		return err
	}

	password, _ := u.User.Password()
	if _, err := writePassword(dir, password, owner); err != nil {
		return err
	}

	return runAs(ctx, owner, filepath.Join(bin, "pg_basebackup"), "-D", cluster, "-d", primary,
		"-R", "-X", "stream", "-c", "fast")
}

// writePassword writes the file of the password, which the server's user owns as dir. It follows
// no link, because for root that user is another one.
func writePassword(dir, password string, owner *syscall.Credential) (path string, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", err
	}
	defer root.Close()

	if err := root.Remove(passwordFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}

	file, err := root.OpenFile(passwordFile, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}

	_, err = file.WriteString(password + "\n")
	if owner != nil {
		err = errors.Join(err, file.Chown(int(owner.Uid), int(owner.Gid)))
	}

	return filepath.Join(dir, passwordFile), errors.Join(err, file.Close())
}

// readPassword reads the file of writePassword. It follows no link out of dir.
func readPassword(dir string) (string, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", err
	}
	defer root.Close()

	password, err := root.ReadFile(passwordFile)
	return strings.TrimSpace(string(password)), err
}

// uidOf is the id of the server's user.
func uidOf(owner *syscall.Credential) int {
	if owner == nil {
		return os.Getuid()
	}
	return int(owner.Uid)
}

// runAs runs a command as the server's user. Its error has the command's output.
func runAs(ctx context.Context, owner *syscall.Credential, command string, args ...string) error {
	cmd := exec.CommandContext(ctx, command, args...)
	cmd.Dir = "/"

	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(command), err, out)
	}

	return nil
}
