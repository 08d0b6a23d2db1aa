package static

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// vendored are the files of the libraries, as static/assets copies them.
var vendored = []string{"emoji_data.js", "htmx.js", "morph.js", "sse.js"}

// build holds the files of one state of the sources: URLs by name, and contents
// by URL.
type build struct {
	urls   map[string]string
	assets map[string]encodings
}

func newBuild(source fs.FS) (*build, error) {
	if err := checkVendor(source); err != nil {
		return nil, err
	}
	b := &build{urls: map[string]string{}, assets: map[string]encodings{}}

	for name, sections := range stylesheets {
		css, err := bundleStyles(source, sections)
		if err != nil {
			return nil, fmt.Errorf("static: %s: %w", name, err)
		}
		b.add(name, css)
	}

	for _, dir := range []string{"icons", "vendor"} {
		if err := b.addDir(source, dir); err != nil {
			return nil, fmt.Errorf("static: %w", err)
		}
	}

	var addresses []string // of the scripts that others import: in the source, and in the build
	for _, name := range vendored {
		addresses = append(addresses, Prefix+name, b.urls[name])
	}

	for _, script := range bundles {
		js, err := joinModules(source, strings.Fields(script.modules))
		if err != nil {
			return nil, fmt.Errorf("static: %s: %w", script.name, err)
		}
		b.add(script.name, []byte(strings.NewReplacer(addresses...).Replace(string(js))))
		addresses = append(addresses, Prefix+script.name, b.urls[script.name])
	}

	return b, nil
}

func (b *build) addDir(source fs.FS, dir string) error {
	entries, err := fs.ReadDir(source, dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if contentTypes[path.Ext(e.Name())] == "" {
			continue
		}
		body, err := fs.ReadFile(source, dir+"/"+e.Name())
		if err != nil {
			return err
		}
		b.add(e.Name(), body)
	}
	return nil
}

// add names a file by its content: shell.css becomes /static/shell-HASH.css, where
// HASH is the first 96 bits of its SHA-256 in base64.
func (b *build) add(name string, body []byte) {
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	url := Prefix + strings.TrimSuffix(name, ext) + "-" + base64.RawURLEncoding.EncodeToString(sum[:12]) + ext

	b.urls[name] = url
	b.assets[url] = encode(body, contentTypes[ext])
}
