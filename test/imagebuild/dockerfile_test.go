package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheDockerfileIsSupported reads the whole Dockerfile. `go tool task clean-root` builds it,
// which takes too long for a test.
func TestTheDockerfileIsSupported(t *testing.T) {
	stages, err := readDockerfile("../../Dockerfile", map[string]string{"TARGETARCH": "amd64"})
	if err != nil {
		t.Fatal(err)
	}

	var from []string
	for _, s := range stages {
		from = append(from, s.from+" "+s.name)
	}

	want := "node:22-bookworm-slim libraries; golang:1.26-bookworm build; " +
		"gcr.io/distroless/base-nossl-debian12:nonroot "
	if got := strings.Join(from, "; "); got != want {
		t.Errorf("the stages are %s, want %s", got, want)
	}

	built := map[string]bool{}
	for _, s := range stages {
		for _, i := range s.instructions {
			if from, copied := i.flags["from"]; copied && !built[from] {
				t.Errorf("line %d copies from %q, which is not built yet", i.line, from)
			}
		}

		built[s.name] = true
	}
}

func TestAnUnsupportedInstructionIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "Dockerfile")
	if err := os.WriteFile(path, []byte("FROM scratch\nADD https://example.org/x /x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readDockerfile(path, nil); err == nil || !strings.Contains(err.Error(), "ADD") {
		t.Errorf("got %v, want an error that names ADD", err)
	}
}

// TestTheBuildContext: the context has all files that the build needs, and no secrets.
func TestTheBuildContext(t *testing.T) {
	ignored, err := (&builder{source: "../.."}).ignored()
	if err != nil {
		t.Fatal(err)
	}

	for file, want := range map[string]bool{
		".env":                                 true,
		".git/config":                          true,
		".data/postgres/PG_VERSION":            true,
		"deploy/kubernetes/example/secret.env": true,
		"test/e2e/node_modules/x":              true,
		"bin/parley":                           true,
		".npmrc":                               false,
		"package-lock.json":                    false,
		"go.sum":                               false,
		"app/cli/cli.go":                       false,
		"db/migrations/00001_init.sql":         false,
		"static/vendor/README":                 false,
	} {
		if got, err := ignored.MatchesOrParentMatches(file); err != nil || got != want {
			t.Errorf("%s: ignored %t, want %t (%v)", file, got, want, err)
		}
	}
}
