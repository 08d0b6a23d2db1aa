// Package static holds the files that browsers fetch besides pages: stylesheets,
// scripts and icons, embedded in the binary. They are built, named by their
// content and compressed once, at start, so the content of a URL never changes.
package static

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
)

//go:embed css/*.css js/*.js icons/* all:vendor
var embedded embed.FS

// Prefix is the path below which the files are served.
const Prefix = "/static/"

// Headers of every Asset.
const (
	CacheControl = "public, max-age=31536000, immutable" // the value of Cache-Control
	Vary         = "Accept-Encoding"                     // the value of Vary
)

// ErrVendor reports that the vendored libraries are missing. Its text names the
// command that copies them.
var ErrVendor = errors.New("static/vendor has no libraries: run `go run ./static/assets`, then build again")

// Files returns URLs and contents by name: the bundles shell.css, front.css,
// sheet.css, admin.css and gallery.css, those of scripts, the vendored libraries, and the
// icons (favicon.svg, icon-….png). It is safe for concurrent use.
type Files struct {
	current func() (*build, error)
}

// New builds the embedded files. It fails with ErrVendor if the libraries weren't
// copied before the binary was built.
func New() (*Files, error) {
	b, err := newBuild(embedded)
	if err != nil {
		return nil, err
	}
	return &Files{current: func() (*build, error) { return b, nil }}, nil
}

// checkVendor returns ErrVendor if libraries are missing from source.
func checkVendor(source fs.FS) error {
	for _, name := range vendored {
		if _, err := fs.Stat(source, "vendor/"+name); err != nil {
			return fmt.Errorf("%w (missing: %s)", ErrVendor, name)
		}
	}
	return nil
}

// URL returns the address of a file, which changes with its content. It panics if
// name is unknown, because that is a bug in a page which its first test finds.
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

// Open returns the file of a request path ("/static/shell-5f3a….css") in the best
// encoding that the Accept-Encoding header allows, and false for an unknown path.
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
