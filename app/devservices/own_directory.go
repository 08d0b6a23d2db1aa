package devservices

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

const writableByOthers = 0o022

// ownDirectory creates a directory that only owner may write, with at most the permissions
// perm. It accepts an existing one under the same conditions, and takes permissions beyond perm
// away. Everything that this package executes or trusts is in such a directory. Its error is a
// sentence that names what to change.
func ownDirectory(path string, perm fs.FileMode, owner int) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}

	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}

	if err := checkAncestors(path); err != nil {
		return err
	}

	switch err := os.Mkdir(path, perm); {
	case err == nil:
		if err := os.Lchown(path, owner, -1); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrExist):
		return err
	}

	info, err := checkOwned(path, owner)
	if err != nil {
		return err
	}

	if tightened := info.Mode().Perm() & perm; tightened != info.Mode().Perm() {
		return os.Chmod(path, tightened)
	}

	return nil
}

// checkOwned refuses what isn't a directory of owner that only owner may write. A link is no
// directory.
func checkOwned(path string, owner int) (fs.FileInfo, error) {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, fmt.Errorf("%s is a link or a file, and must be a directory: remove it", path)
	case ownerOf(info) != owner:
		return nil, fmt.Errorf("%s belongs to user %d, and must belong to user %d: remove it, or chown it",
			path, ownerOf(info), owner)
	case info.Mode().Perm()&writableByOthers != 0:
		return nil, fmt.Errorf("other users may write in %s: run chmod go-w %s, or remove it if you did not create it",
			path, path)
	}
	return info, nil
}

// checkAncestors refuses a path that another user can lead elsewhere: a directory above it that
// everybody may replace, or that somebody else created in a shared directory such as /tmp.
func checkAncestors(path string) error {
	parent := filepath.Dir(path)
	resolved, err := filepath.EvalSymlinks(parent)
	if err != nil {
		return err
	}

	for _, dir := range []string{parent, resolved} {
		for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
			if err := checkAncestor(dir); err != nil {
				return err
			}
		}
	}

	info, err := os.Stat(resolved)
	if err == nil && isShared(info) && info.Mode()&fs.ModeSticky == 0 {
		return fmt.Errorf("everybody may replace %s: run chmod o-w %s", path, resolved)
	}
	return err
}

func checkAncestor(dir string) error {
	above, err := os.Stat(filepath.Dir(dir))
	if err != nil || !isShared(above) {
		return err
	}

	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}

	uid := ownerOf(info)
	if above.Mode()&fs.ModeSticky == 0 || uid != 0 && uid != os.Getuid() {
		return fmt.Errorf("%s is in a directory where everybody may write, and isn't yours: choose another DATA_DIR", dir)
	}
	return nil
}

func isShared(dir fs.FileInfo) bool { return dir.Mode().Perm()&0o002 != 0 }

func ownerOf(info fs.FileInfo) int {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(s.Uid)
	}
	return -1
}

// dataPermissions are those of the data directory. The user who runs root's PostgreSQL has to
// pass through it.
func dataPermissions() fs.FileMode {
	if os.Getuid() == 0 {
		return 0o711
	}
	return 0o700
}

// ownDataDir prepares the data directory.
func ownDataDir(dir string) error { return ownDirectory(dir, dataPermissions(), os.Getuid()) }

// cacheDirectory is the directory of downloaded programs, which this user owns. Everybody may
// read root's, because its PostgreSQL runs as another user.
func cacheDirectory() (string, error) {
	if os.Getuid() == 0 {
		return rootCache, ownDirectory(rootCache, 0o755, 0)
	}

	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no directory for the download (%w): set HOME or XDG_CACHE_HOME", err)
	}

	dir := filepath.Join(cache, "parley")
	return dir, ownDirectory(dir, 0o700, os.Getuid())
}
