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
	write(t, root, emojiSource+"/en/data.json", "[]")
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

// TestEmojiScript: emoji stand by group, with the names that most people know first. Parts of emoji
// and those that are too new for many devices are left out.
func TestEmojiScript(t *testing.T) {
	root := t.TempDir()
	write(t, root, emojiSource+"/en/data.json", `[
		{"emoji": "🫪", "label": "too new", "hexcode": "1FAEA", "group": 0, "order": 3, "version": 17},
		{"emoji": "👍️", "label": "thumbs up", "hexcode": "1F44D", "group": 1, "order": 2, "version": 0.6},
		{"emoji": "😂", "label": "face with tears of joy", "hexcode": "1F602", "group": 0, "order": 1, "version": 0.6},
		{"emoji": "🏻", "label": "light skin tone", "hexcode": "1F3FB", "group": 2, "order": 4, "version": 1},
		{"emoji": "🇦", "label": "regional indicator A", "hexcode": "1F1E6", "version": 0}]`)
	write(t, root, emojiSource+"/en/shortcodes/github.json", `{"1F602": "joy", "1F44D": ["+1", "thumbsup"]}`)
	write(t, root, emojiSource+"/en/shortcodes/emojibase.json", `{"1F602": ["tears", "joy"], "1F44D": ["yes", "+1"]}`)

	script, err := emojiScript(root)
	if err != nil {
		t.Fatal(err)
	}

	const want = "`# Smileys\n😂|joy tears|face with tears of joy\n# People\n👍️|+1 thumbsup yes|thumbs up\n`\n"
	if _, data, _ := strings.Cut(string(script), " = "); data != want {
		t.Errorf("got %s, want %s", data, want)
	}
	if !strings.Contains(string(script), "MIT License") {
		t.Error("the license isn't noted")
	}
}
