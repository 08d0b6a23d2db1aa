// Command watch makes browsers reload the page whenever a stylesheet, a script or
// an icon was saved: it posts to templ's proxy. Nothing is built, because the
// replica reads these files from their directory (STATIC_DIR). `go tool task dev`
// runs it.
package main

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// reloadURL is the address where `templ generate --watch` accepts notifications, as
// its option --notify-proxy sends them.
const reloadURL = "http://127.0.0.1:7331/_templ/reload/events"

const pollInterval = 150 * time.Millisecond

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for before := readState(); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}

		now := readState()
		if now == before {
			continue
		}
		before = now

		res, err := http.Post(reloadURL, "text/plain", strings.NewReader(""))
		if err != nil {
			fmt.Fprintln(os.Stderr, "watch:", err) // templ isn't running yet, or has ended
			continue
		}
		res.Body.Close()
	}
}

// readState returns a text that differs after a file was saved, added or removed.
func readState() (state string) {
	for _, dir := range []string{"static/css", "static/js", "static/icons"} {
		entries, err := fs.ReadDir(os.DirFS("."), dir)
		if err != nil {
			return err.Error()
		}
		for _, e := range entries {
			if info, err := e.Info(); err == nil { // else it was removed meanwhile
				state += fmt.Sprintln(e.Name(), info.Size(), info.ModTime().UnixNano())
			}
		}
	}
	return state
}
