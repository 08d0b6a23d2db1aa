// Package static holds what browsers fetch besides pages: stylesheets, scripts and icons, embedded in the binary. Everything is built,
// named by its content and compressed once at start; nothing of it ever changes under its URL.
package static

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
)

//go:embed css/*.css js/*.js icons/* all:vendor
var embedded embed.FS

// Prefix is where the files are served.
const Prefix = "/static/"

// Headers that go with every Asset.
const (
	CacheControl = "public, max-age=31536000, immutable"
	Vary         = "Accept-Encoding"
)

// ErrVendor says that the libraries' files aren't there, and which command brings them.
var ErrVendor = errors.New("static/vendor has no libraries: run `go run ./static/assets`, then build again")

// Files answers URLs and bytes by name: shell.css, front.css, admin.css, gallery.css, main.js, worker.js, htmx.js, sse.js and the
// icons (favicon.svg, icon-….png). It may be shared by goroutines.
type Files struct {
	current func() (*build, error)
}

// New builds the embedded files. It fails with ErrVendor when the libraries weren't copied before the binary was built.
func New() (*Files, error) {
	b, err := newBuild(embedded)
	if err != nil {
		return nil, err
	}
	return &Files{current: func() (*build, error) { return b, nil }}, nil
}

// Check tells, without building anything, whether the libraries are there.
func Check() error { return checkVendor(embedded) }

func checkVendor(source fs.FS) error {
	for _, name := range vendored {
		if _, err := fs.Stat(source, "vendor/"+name); err != nil {
			return fmt.Errorf("%w (missing: %s)", ErrVendor, name)
		}
	}
	return nil
}

// URL returns the address of a file, which changes with its content. An unknown name panics: a page that asks for one is a bug
// that its first test finds.
func (f *Files) URL(name string) string {
	b, err := f.current()
	if err != nil {
		panic(err)
	}
	url, ok := b.urls[name]
	if !ok {
		panic("static: no file " + name)
	}
	return url
}

// Open finds the file of a request path ("/static/talk-5f3a….css") in the best encoding that the Accept-Encoding header allows.
func (f *Files) Open(path, acceptEncoding string) (Asset, bool) {
	b, err := f.current()
	if err != nil {
		return Asset{}, false
	}
	encodings, ok := b.assets[path]
	if !ok {
		return Asset{}, false
	}
	return encodings.choose(acceptEncoding), true
}
