package static

import (
	"io/fs"
	"os"
	"sync"
	"time"
)

// NewFromDir serves the files of a directory, the source of this package, and builds them again whenever one of them changed. It
// is for designers; after a change an old address is gone, so pages are reloaded.
func NewFromDir(dir string) (*Files, error) {
	d := &directory{source: os.DirFS(dir)}
	if _, err := d.current(); err != nil {
		return nil, err
	}
	return &Files{current: d.current}, nil
}

type directory struct {
	source fs.FS
	mu     sync.Mutex
	state  state
	built  *build
}

// state changes whenever a file is written, added or removed.
type state struct {
	files  int
	bytes  int64
	newest time.Time
}

func (d *directory) current() (*build, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now, err := survey(d.source)
	if err != nil {
		return nil, err
	}
	if d.built != nil && now == d.state {
		return d.built, nil
	}
	built, err := newBuild(d.source)
	if err != nil {
		if d.built == nil {
			return nil, err
		}
		return d.built, nil // half-written: the last good state until the next save
	}
	d.built, d.state = built, now
	return built, nil
}

func survey(source fs.FS) (state, error) {
	var s state
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
