package parley

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestStartReportsAReplicaThatExits(t *testing.T) {
	r, err := New("/bin/false", filepath.Join(t.TempDir(), "log"), "LIMIT_MESSAGES=7")
	if err != nil {
		t.Fatal(err)
	}

	if !slices.Contains(r.Env, "LIMIT_MESSAGES=7") || r.Admin == r.Address() ||
		!strings.HasPrefix(r.Base, "http://127.0.0.1:") {
		t.Errorf("base %s, admin %s, environment %v", r.Base, r.Admin, r.Env)
	}
	r.Kill()
	if err := r.Process.Start(t.Context()); err == nil || !strings.Contains(err.Error(), r.Log) {
		t.Errorf("the start of a program that exits returns %v, want an error with the log's path", err)
	}

	if err := r.Stop(); err != nil {
		t.Error(err)
	}
}

func TestAFailedBuildIsRepeated(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley")
	for range 2 {
		err := Build(t.Context(), path, "-no-such-flag")
		if err == nil || !strings.Contains(err.Error(), "no-such-flag") {
			t.Errorf("the build returns %v, want the error of go build", err)
		}
	}
}
