package cli

import (
	"bytes"
	"log/slog"
	"math"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// TestMemoryLimit: the heap follows the container, and the environment takes precedence.
func TestMemoryLimit(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(-1))
	const gib = int64(1) << 30

	for name, tt := range map[string]struct {
		container memlimit.Provider
		env       string
		web       bool
		want      int64
		log       string
	}{
		"no limit":           {func() (uint64, error) { return 0, memlimit.ErrNoLimit }, "", true, math.MaxInt64, ""},
		"writer":             {memlimit.Limit(uint64(gib)), "", false, gib / 100 * 85, "source=container"},
		"web":                {memlimit.Limit(uint64(4 * gib)), "", true, 4*gib/100*85 - 528<<20, "source=container"},
		"web, 1 GiB":         {memlimit.Limit(uint64(gib)), "", true, gib / 100 * 40, "bytes=429496720"},
		"set by environment": {memlimit.Limit(uint64(gib)), "300MiB", true, math.MaxInt64, "source=GOMEMLIMIT"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("GOMEMLIMIT", tt.env)
			debug.SetMemoryLimit(math.MaxInt64) // the runtime read the environment at the start
			var log bytes.Buffer
			setMemoryLimit(slog.New(slog.NewTextHandler(&log, nil)), tt.web, tt.container)

			if got := debug.SetMemoryLimit(-1); got != tt.want {
				t.Errorf("limit %d, want %d", got, tt.want)
			}

			if !strings.Contains(log.String(), tt.log) || (tt.log == "") != (log.Len() == 0) {
				t.Errorf("log %q lacks %q", log.String(), tt.log)
			}
		})
	}
}
