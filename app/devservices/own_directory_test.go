package devservices

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
)

const nobody = 65534

// foreignDirectory is a directory of another user: of nobody if this is root, or else root's.
func foreignDirectory(t *testing.T) string {
	t.Helper()
	if os.Getuid() != 0 {
		return "/usr"
	}

	dir := filepath.Join(t.TempDir(), "foreign")
	if err := errors.Join(os.Mkdir(dir, 0o755), os.Chown(dir, nobody, nobody)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestOwnDirectory: what another user could have prepared is refused with a sentence.
func TestOwnDirectory(t *testing.T) {
	made := func(mode fs.FileMode) string {
		dir := filepath.Join(t.TempDir(), "made")
		if err := errors.Join(os.Mkdir(dir, 0o700), os.Chmod(dir, mode)); err != nil {
			t.Fatal(err)
		}
		return dir
	}

	link := filepath.Join(t.TempDir(), "link")
	file := filepath.Join(t.TempDir(), "file")
	if err := errors.Join(os.Symlink(made(0o700), link), os.WriteFile(file, nil, 0o600)); err != nil {
		t.Fatal(err)
	}

	for name, tt := range map[string]struct {
		path string
		want string // "": accepted
	}{
		"new":             {filepath.Join(t.TempDir(), "a", "b"), ""},
		"own":             {made(0o700), ""},
		"readable":        {made(0o755), ""},
		"link":            {link, "is a link"},
		"file":            {file, "is a link or a file"},
		"of another user": {foreignDirectory(t), "belongs to user"},
		"group-writable":  {made(0o770), "chmod go-w"},
		"world-writable":  {made(0o777), "chmod go-w"},
		"replaceable":     {filepath.Join(made(0o777), "x"), "everybody may replace"},
	} {
		err := ownDirectory(tt.path, 0o700, os.Getuid())
		if tt.want != "" {
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: got %v, want %q", name, err, tt.want)
			}
			continue
		}

		info, statErr := os.Lstat(tt.path)
		if err := errors.Join(err, statErr); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, mode %v, want 0700", name, err, info)
		}
	}
}

// TestSharedDirectoryOfAnotherUser: a directory that somebody else made in a shared one, such as
// /tmp/x, is not passed through.
func TestSharedDirectoryOfAnotherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Log("NOT TESTED: only root can make a directory of another user")
		return
	}

	shared := filepath.Join(t.TempDir(), "shared")
	foreign := filepath.Join(shared, "foreign")
	err := errors.Join(
		os.Mkdir(shared, 0o755),
		os.Chmod(shared, 0o777|fs.ModeSticky),
		os.Mkdir(foreign, 0o755),
		os.Chown(foreign, nobody, nobody),
	)
	if err != nil {
		t.Fatal(err)
	}

	err = ownDirectory(filepath.Join(foreign, "data"), 0o700, 0)
	if err == nil || !strings.Contains(err.Error(), "isn't yours") {
		t.Errorf("got %v, want a refusal", err)
	}

	if _, err := leaseWithoutChild(t, filepath.Join(foreign, "data")); err == nil {
		t.Error("services were started below another user's directory")
	}
}

// leaseWithoutChild acquires a lease that starts nothing before dir was checked.
func leaseWithoutChild(t *testing.T, dir string) (*Lease, error) {
	t.Helper()
	return Acquire(context.Background(), dir, []string{"redis"}, "/nonexistent")
}

// TestPostgresDirectoryOfAnotherUserIsRefused, before anything in it is used.
func TestPostgresDirectoryOfAnotherUserIsRefused(t *testing.T) {
	dir := foreignDirectory(t)
	if os.Getuid() == 0 {
		dir = filepath.Join(t.TempDir(), "planted")
		victim := filepath.Join(t.TempDir(), "victim.conf")
		err := errors.Join(
			os.WriteFile(victim, []byte("unchanged"), 0o600),
			os.Mkdir(dir, 0o755),
			os.Symlink(victim, filepath.Join(dir, passwordFile)),
			os.Lchown(dir, nobody, nobody),
		)
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if b, _ := os.ReadFile(victim); string(b) != "unchanged" {
				t.Errorf("the file behind the link has %q", b)
			}
		}()
	}

	for name, primary := range map[string]string{"primary": "", "standby": "postgres://u:p@127.0.0.1:1/postgres"} {
		_, err := StartPostgres(context.Background(), dir, PostgresOptions{Primary: primary, Log: os.DevNull})
		if err == nil || !strings.Contains(err.Error(), "belongs to user") {
			t.Errorf("%s: got %v, want a refusal", name, err)
		}
	}
}

// TestPasswordFileFollowsNoLink: the server's user, who isn't root, can write its directory.
func TestPasswordFileFollowsNoLink(t *testing.T) {
	dir, victim := t.TempDir(), filepath.Join(t.TempDir(), "victim")
	err := errors.Join(os.WriteFile(victim, []byte("unchanged"), 0o600), os.Symlink(victim, filepath.Join(dir, passwordFile)))
	if err != nil {
		t.Fatal(err)
	}

	if got, err := readPassword(dir); err == nil {
		t.Errorf("read %q through the link", got)
	}

	if _, err := writePassword(dir, "secret", nil); err != nil {
		t.Fatal(err)
	}

	if b, _ := os.ReadFile(victim); string(b) != "unchanged" {
		t.Errorf("the file behind the link has %q", b)
	}
	if got, err := readPassword(dir); got != "secret" {
		t.Errorf("read %q, %v", got, err)
	}
}

// TestDownloadIsVerified: content with another hash is not accepted.
func TestDownloadIsVerified(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("archive"))
	}))
	defer server.Close()

	sum := sha256.Sum256([]byte("archive"))
	for hash, want := range map[string]string{
		hex.EncodeToString(sum[:]): "",
		strings.Repeat("0", 64):    "it was not run",
		"":                         "no programs for this platform",
	} {
		_, err := fetch(server.URL, hash)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("hash %q: got %v, want %q", hash, err, want)
		}
	}
}

// TestUnpackStaysInItsDirectory: names and links that lead out of it are errors.
func TestUnpackStaysInItsDirectory(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside")
	for name, headers := range map[string][]tar.Header{
		"name": {{Name: "../../outside", Typeflag: tar.TypeReg, Mode: 0o600}},
		"link": {
			{Name: "out", Typeflag: tar.TypeSymlink, Linkname: filepath.Dir(outside)},
			{Name: "out/outside", Typeflag: tar.TypeReg, Mode: 0o600},
		},
	} {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		for _, h := range headers {
			if err := w.WriteHeader(&h); err != nil {
				t.Fatal(err)
			}
		}

		root, err := os.OpenRoot(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}

		if err := errors.Join(w.Close(), unpackTar(tar.NewReader(&b), root)); err == nil {
			t.Errorf("%s: no error", name)
		}
		root.Close()
	}

	if _, err := os.Stat(outside); err == nil {
		t.Error("a file was written outside")
	}
}

// TestDataIsClosedToOthers: nobody else reads what the services wrote, and Redis wants a password.
func TestDataIsClosedToOthers(t *testing.T) {
	dir := newDataDir(t)
	l := acquire(t, dir, all...)
	defer l.Close()
	produce(t, l, "secret")

	entries := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}

		info, err := d.Info()
		if err != nil {
			return nil // PostgreSQL and kfake remove files
		}

		entries++
		allowed := fs.FileMode(0o700)
		if path == dir {
			allowed = dataPermissions()
		}
		if extra := info.Mode().Perm() &^ allowed; extra != 0 {
			t.Errorf("%s has the permissions %v", path, info.Mode())
		}
		return nil
	})
	if err != nil || entries < 10 {
		t.Errorf("%d entries, error %v", entries, err)
	}

	options, err := redis.ParseURL(l.URL("redis"))
	if err != nil {
		t.Fatal(err)
	}

	options.Password = ""
	client := redis.NewClient(options)
	defer client.Close()
	if err := client.Ping(context.Background()).Err(); err == nil || !strings.Contains(err.Error(), "NOAUTH") {
		t.Errorf("Redis without the password: got %v", err)
	}

	checkNoPasswordForStrangers(t, l.URL("postgres"))
}

// checkNoPasswordForStrangers connects to a listener that asks for the password in plain text, as
// somebody may who listens on the port of a dead server.
func checkNoPasswordForStrangers(t *testing.T, url string) {
	t.Helper()
	stranger, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()

	heard := make(chan string, 1)
	go func() {
		conn, err := stranger.Accept()
		if err != nil {
			return
		}
		defer conn.Close()

		reader := bufio.NewReader(conn)
		startup := make([]byte, 8)
		_, _ = reader.Read(startup)
		_, _ = conn.Write([]byte{'R', 0, 0, 0, 8, 0, 0, 0, 3}) // AuthenticationCleartextPassword
		_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		var all bytes.Buffer
		_, _ = all.ReadFrom(reader)
		heard <- all.String()
	}()

	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}

	config.Port = uint16(stranger.Addr().(*net.TCPAddr).Port)
	if _, err := pgx.ConnectConfig(context.Background(), config); err == nil {
		t.Error("a stranger was taken for PostgreSQL")
	}
	if got := <-heard; strings.Contains(got, config.Password) {
		t.Error("a stranger got the password of PostgreSQL")
	}
}

// TestExchangeFails: a line that could not be sent is no success.
func TestExchangeFails(t *testing.T) {
	here, there := net.Pipe()
	there.Close()
	if err := exchange(here, bufio.NewReader(here), []string{"redis"}, &response{}); err == nil {
		t.Error("no error for a broken connection")
	}
}

// TestLongDataDir: the socket moves where its path is short enough.
func TestLongDataDir(t *testing.T) {
	dir := filepath.Join(newDataDir(t), strings.Repeat("long", 30))
	l := acquire(t, dir, "redis")
	defer l.Close()

	if address := childAddress(dir); len(address) > maxSocketPath || strings.HasPrefix(address, dir) {
		t.Errorf("the socket is %s", address)
	}
}
