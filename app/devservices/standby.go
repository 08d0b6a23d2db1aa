package devservices

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// followPrimary makes dir/cluster from a base backup of a running server, which it then follows.
func followPrimary(ctx context.Context, bin, dir, primary string, who *syscall.Credential) error {
	final := filepath.Join(dir, "cluster")
	if _, err := os.Stat(final); err == nil {
		return nil
	}
	u, err := url.Parse(primary)
	if err != nil {
		return err
	}
	password, _ := u.User.Password()
	secret := filepath.Join(dir, passwordFile)
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(secret, []byte(password+"\n"), 0o600)); err != nil {
		return err
	}
	if who != nil {
		if err := errors.Join(os.Chown(dir, int(who.Uid), int(who.Gid)), os.Chown(secret, int(who.Uid), int(who.Gid))); err != nil {
			return err
		}
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "pg_basebackup"), "-D", final, "-d", primary, "-R", "-X", "stream", "-c", "fast")
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pg_basebackup: %w: %s", err, out)
	}
	return nil
}
