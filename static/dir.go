package static

import (
	"io/fs"
	"os"
	"sync"
	"time"
)

// NewFromDir serves the files of a directory with the sources of this package, and
// builds them again whenever one of them has changed. It is for designers: after a
// change the old URL returns nothing, so pages must be reloaded.
func NewFromDir(dir string) (*Files, error) {
	d := &directory{source: os.DirFS(dir)}
	if _, err := d.current(); err != nil {
		return nil, err
	}
	return &Files{current: d.current}, nil
}

type directory struct {
	source fs.FS

	mu    sync.Mutex // guards the fields below
	state sourceState
	built *build
}

// sourceState differs after a file was written, added or removed.
type sourceState struct {
	files  int
	bytes  int64
	newest time.Time
}

func (d *directory) current() (*build, error) {
	d.mu.Lock()
	defer d.mu.Unlock()

	state, err := readState(d.source)
	if err != nil {
		return nil, err
	}
	if d.built != nil && state == d.state {
		return d.built, nil
	}

	built, err := newBuild(d.source)
	if err != nil {
		if d.built == nil {
			return nil, err
		}
		return d.built, nil // a half-written file: the last good build serves until the next save
	}
	d.built, d.state = built, state
	return built, nil
}

func readState(source fs.FS) (sourceState, error) {
	var s sourceState
	for _, dir := range []string{"css", "js", "icons", "vendor"} {
		entries, err := fs.ReadDir(source, dir)
		if err != nil {
			return s, err
		}
		for _, e := range entries {
			info, err := e.Info()
			if err != nil {
				return s, err
			}
			s.files++
			s.bytes += info.Size()
			if info.ModTime().After(s.newest) {
				s.newest = info.ModTime()
			}
		}
	}
	return s, nil
}
