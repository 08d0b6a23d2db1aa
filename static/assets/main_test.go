package main

import (
	"os"
	"path/filepath"
	"strings"
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

// lock returns a lock file with these packages.
func lock(packages ...string) string { return `{"packages":{` + strings.Join(packages, ",") + "}}" }

func TestOutdated(t *testing.T) {
	root := t.TempDir()
	expect := func(want bool, when string) {
		t.Helper()
		if outdated(root) != want {
			t.Errorf("%s: outdated is %v", when, !want)
		}
	}

	const wanted = `"node_modules/htmx.org":{"version":"2.0.11","integrity":"sha512-a"}`
	write(t, root, "package-lock.json", lock(`"":{"name":"parley"}`, wanted))
	expect(true, "nothing installed")

	for _, source := range sources {
		write(t, root, source, "library")
	}
	expect(true, "no lock file of npm's own")

	write(t, root, "node_modules/.package-lock.json", lock(`"node_modules/htmx.org":{"version":"2.0.10","integrity":"sha512-b"}`))
	expect(true, "another version")
	write(t, root, "node_modules/.package-lock.json", lock(wanted))
	expect(false, "everything installed")

	if err := os.Remove(filepath.Join(root, sources["sse.js"])); err != nil {
		t.Fatal(err)
	}
	expect(true, "a missing file")
}

func TestEqualFilesAreNotCopied(t *testing.T) {
	root := t.TempDir()
	source, target := filepath.Join(root, "source.js"), filepath.Join(root, "vendor", "target.js")
	write(t, root, "source.js", "one")
	if err := copyFile(source, target); err != nil {
		t.Fatal(err)
	}
	first, err := os.Stat(target)
	if err != nil {
		t.Fatal(err)
	}

	if err := copyFile(source, target); err != nil {
		t.Fatal(err)
	}
	if again, err := os.Stat(target); err != nil || !os.SameFile(first, again) || again.ModTime() != first.ModTime() {
		t.Errorf("an equal file was copied again (%v)", err)
	}

	write(t, root, "source.js", "two")
	if err := copyFile(source, target); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(target); err != nil || string(got) != "two" {
		t.Errorf("got %q, %v", got, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(target)); err != nil || len(entries) != 1 {
		t.Errorf("temporary files left: %v, %v", entries, err)
	}
}
