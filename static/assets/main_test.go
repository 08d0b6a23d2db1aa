package main

import (
	"os"
	"path/filepath"
	"testing"
)

func write(t *testing.T, root, name, body string) {
	t.Helper()
	p := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestOutdated(t *testing.T) {
	const wanted = `{"packages":{"":{"name":"parley"},"node_modules/htmx.org":{"version":"2.0.11","integrity":"sha512-a"}}}`
	root := t.TempDir()
	write(t, root, "package-lock.json", wanted)
	if !outdated(root) {
		t.Error("nothing is installed")
	}
	for _, from := range copies {
		write(t, root, from, "library")
	}
	if !outdated(root) {
		t.Error("npm's own record is missing")
	}
	write(t, root, "node_modules/.package-lock.json", `{"packages":{"node_modules/htmx.org":{"version":"2.0.10","integrity":"sha512-b"}}}`)
	if !outdated(root) {
		t.Error("another version is installed")
	}
	write(t, root, "node_modules/.package-lock.json", `{"packages":{"node_modules/htmx.org":{"version":"2.0.11","integrity":"sha512-a"}}}`)
	if outdated(root) {
		t.Error("all is there")
	}
	if err := os.Remove(filepath.Join(root, copies["sse.js"])); err != nil {
		t.Fatal(err)
	}
	if !outdated(root) {
		t.Error("a file is missing")
	}
}

func TestBringIsDoneOnce(t *testing.T) {
	root := t.TempDir()
	from, to := filepath.Join(root, "from.js"), filepath.Join(root, "vendor", "to.js")
	write(t, root, "from.js", "one")
	if err := bring(from, to); err != nil {
		t.Fatal(err)
	}
	first, err := os.Stat(to)
	if err != nil {
		t.Fatal(err)
	}
	if err := bring(from, to); err != nil {
		t.Fatal(err)
	}
	if again, err := os.Stat(to); err != nil || !os.SameFile(first, again) || again.ModTime() != first.ModTime() {
		t.Errorf("the same file was written again (%v)", err)
	}
	write(t, root, "from.js", "two")
	if err := bring(from, to); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(to); err != nil || string(got) != "two" {
		t.Errorf("got %q, %v", got, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(to)); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}
