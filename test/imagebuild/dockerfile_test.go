package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheDockerfileIsUnderstood, all of it: the program itself is run by `go tool task clean-root`, which takes too long here.
func TestTheDockerfileIsUnderstood(t *testing.T) {
	stages, err := readDockerfile("../../Dockerfile", map[string]string{"TARGETARCH": "amd64"})
	if err != nil {
		t.Fatal(err)
	}
	var from []string
	for _, s := range stages {
		from = append(from, s.from+" "+s.name)
	}
	if got := strings.Join(from, "; "); got != "node:22-bookworm-slim libraries; golang:1.26-bookworm build; gcr.io/distroless/base-nossl-debian12:nonroot " {
		t.Errorf("stages: %s", got)
	}
	b := &builder{roots: map[string]string{}}
	for _, s := range stages {
		for _, step := range s.steps {
			if from, copied := step.flags["from"]; copied && b.roots[from] == "" {
				t.Errorf("line %d copies from %q, which isn't built yet", step.line, from)
			}
		}
		b.roots[s.name] = s.from
	}
	odd := filepath.Join(t.TempDir(), "Dockerfile")
	if err := os.WriteFile(odd, []byte("FROM scratch\nADD https://example.org/x /x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readDockerfile(odd, nil); err == nil || !strings.Contains(err.Error(), "ADD") {
		t.Errorf("an instruction that isn't carried out: %v", err)
	}
}

// TestTheContextHasNoSecrets, and all that the build needs.
func TestTheContextHasNoSecrets(t *testing.T) {
	ignored, err := (&builder{source: "../.."}).ignored()
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]bool{
		".env": true, ".git/config": true, ".data/postgres/PG_VERSION": true, "deploy/kubernetes/secret.env": true, "test/e2e/node_modules/x": true, "bin/parley": true,
		".npmrc": false, "package-lock.json": false, "go.sum": false, "app/cli/cli.go": false, "db/migrations/00001_init.sql": false, "static/vendor/README": false,
	} {
		if got, err := ignored.MatchesOrParentMatches(file); err != nil || got != want {
			t.Errorf("%s: ignored %t, want %t (%v)", file, got, want, err)
		}
	}
}
