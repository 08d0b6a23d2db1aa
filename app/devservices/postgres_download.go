package devservices

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/xi2/xz"
)

const (
	downloadedPostgres = "18.3.0"
	downloadTimeout    = 2 * time.Minute
	maxDownload        = 64 << 20 // bytes; the archives have 15 MB

	postgresArchive = "https://repo1.maven.org/maven2/io/zonky/test/postgres/" +
		"embedded-postgres-binaries-%[1]s/%[2]s/embedded-postgres-binaries-%[1]s-%[2]s.jar"
)

// postgresHashes are the SHA-256 of the archives by platform. They change with
// downloadedPostgres.
var postgresHashes = map[string]string{
	"linux-amd64":        "1974c3a59c3ae010e9818e81637e425aad94eaac26e4ef533b42e081fe7ca345",
	"linux-arm64v8":      "1fb555a6602c13a113ab1f0cc9224d599948e85e51ac5f001393605505eaf78e",
	"linux-amd64-alpine": "510fd314da39f1eeccef774a92428474168fedf55403342548e2adeaed66b483",
	"darwin-amd64":       "cb68c57232945f5e74db946e6077d70cec56bfed35959b21acc750cc80ca0977",
	"darwin-arm64v8":     "a18ec9ec6a905e04f5a08a8f7870bddadd635feb54dee332a3daf80fada3cb1a",
}

// downloadPostgres downloads binaries once, into a directory that this user owns, and returns
// their directory. Nothing is executed before the hash is verified.
func downloadPostgres() (string, error) {
	cache, err := cacheDirectory()
	if err != nil {
		return "", err
	}

	dir := filepath.Join(cache, "postgres-"+downloadedPostgres)
	bin := filepath.Join(dir, "bin")
	if _, err := os.Lstat(dir); err == nil {
		if _, err := checkOwned(dir, os.Getuid()); err != nil {
			return "", err
		}
		if versionOf(bin) > 0 {
			return bin, nil
		}
	}

	platform := postgresPlatform()
	archive, err := fetch(fmt.Sprintf(postgresArchive, platform, downloadedPostgres), postgresHashes[platform])
	if err != nil {
		return "", err
	}

	partial, err := os.MkdirTemp(cache, "partial-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(partial)

	if err := unpack(archive, partial); err != nil {
		return "", err
	}

	// Open to the user postgres, as whom root runs the programs.
	err = os.Chmod(partial, 0o755) // #nosec G302 -- programs, without secrets
	err = errors.Join(err, os.RemoveAll(dir), os.Rename(partial, dir))
	if err == nil && versionOf(bin) == 0 {
		err = errors.New("the downloaded programs don't run on this machine")
	}
	return bin, err
}

// postgresPlatform is the platform in the names of the archives.
func postgresPlatform() string {
	arch := runtime.GOARCH
	if arch == "arm64" {
		arch = "arm64v8"
	}

	if _, err := os.Stat("/etc/alpine-release"); err == nil {
		arch += "-alpine"
	}
	return runtime.GOOS + "-" + arch
}

// fetch downloads a file and verifies its hash.
func fetch(url, hash string) ([]byte, error) {
	if hash == "" {
		return nil, errors.New("there are no programs for this platform")
	}

	client := http.Client{Timeout: downloadTimeout}
	answer, err := client.Get(url)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()

	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", url, answer.Status)
	}

	content, err := io.ReadAll(io.LimitReader(answer.Body, maxDownload))
	if err != nil {
		return nil, err
	}

	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != hash {
		return nil, fmt.Errorf("%s has the SHA-256 %x, and must have %s: it was not run", url, sum, hash)
	}
	return content, nil
}

// unpack writes the files of the .txz in an archive below dir, and nowhere else.
func unpack(archive []byte, dir string) error {
	files, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return err
	}

	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()

	for _, f := range files.File {
		if !strings.HasSuffix(f.Name, ".txz") {
			continue
		}

		compressed, err := f.Open()
		if err != nil {
			return err
		}
		defer compressed.Close()

		content, err := xz.NewReader(compressed, 0)
		if err != nil {
			return err
		}
		return unpackTar(tar.NewReader(content), root)
	}

	return errors.New("the archive has no .txz")
}

func unpackTar(files *tar.Reader, root *os.Root) error {
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}

		if err := unpackFile(header, files, root); err != nil {
			return err
		}
	}
}

func unpackFile(header *tar.Header, content io.Reader, root *os.Root) error {
	name := filepath.Clean(header.Name)
	if header.Typeflag == tar.TypeDir {
		return root.MkdirAll(name, 0o755)
	}

	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}

	switch header.Typeflag {
	case tar.TypeSymlink:
		return root.Symlink(header.Linkname, name)
	case tar.TypeReg:
		mode := header.FileInfo().Mode().Perm() &^ writableByOthers
		file, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
		if err != nil {
			return err
		}
		_, err = io.Copy(file, content)
		return errors.Join(err, file.Chmod(mode), file.Close())
	}
	return nil
}
