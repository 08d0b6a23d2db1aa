// Command watch tells templ's proxy whenever a stylesheet, a script or an icon was saved, so that browsers load the page again. The
// replica reads them from the directory itself (STATIC_DIR): nothing is built. `go tool task dev` runs it.
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

// proxy is where `templ generate --watch` takes notice (what its --notify-proxy does).
const proxy = "http://127.0.0.1:7331/_templ/reload/events"

const every = 150 * time.Millisecond

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for before := survey(); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := survey()
		if now == before {
			continue
		}
		before = now
		res, err := http.Post(proxy, "text/plain", strings.NewReader(""))
		if err != nil {
			fmt.Fprintln(os.Stderr, "watch:", err) // templ starts later, or has ended
			continue
		}
		res.Body.Close()
	}
}

// survey changes with every file that is saved, added or removed.
func survey() (state string) {
	for _, dir := range []string{"static/css", "static/js", "static/icons"} {
		entries, err := fs.ReadDir(os.DirFS("."), dir)
		if err != nil {
			return err.Error()
		}
		for _, e := range entries {
			if info, err := e.Info(); err == nil { // else it was removed just now
				state += fmt.Sprintln(e.Name(), info.Size(), info.ModTime().UnixNano())
			}
		}
	}
	return state
}
