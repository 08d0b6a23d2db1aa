package chat_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parley/app/chat"
)

// readSource returns the first match of a pattern's group in a source file.
func readSource(t *testing.T, path, pattern string) string {
	t.Helper()
	text, err := os.ReadFile("../../" + path)
	if err != nil {
		t.Fatal(err)
	}

	m := regexp.MustCompile(pattern).FindSubmatch(text)
	if m == nil {
		t.Fatalf("%s: no match of %s", path, pattern)
	}

	return string(m[1])
}

// kindsWith returns the names of the kinds with one of the payloads, sorted.
func kindsWith(payloads ...chat.HTMLPayload) (names []string) {
	for _, k := range chat.EventKinds() {
		if slices.Contains(payloads, k.HTML()) {
			names = append(names, string(k))
		}
	}
	return names
}

// TestScriptListensToEveryKind: "reload" is an event of development only.
func TestScriptListensToEveryKind(t *testing.T) {
	got := strings.Fields(readSource(t, "static/js/stream.js", `'([a-z ]+)'\.split`))
	got = slices.DeleteFunc(got, func(name string) bool { return name == "reload" })
	slices.Sort(got)
	if want := kindsWith(chat.PayloadJSON, chat.PayloadMessage, chat.PayloadFragment); !slices.Equal(got, want) {
		t.Errorf("static/js/stream.js listens to %q, want %q", got, want)
	}
}

func TestShellSwapsEveryFragment(t *testing.T) {
	got := strings.Split(readSource(t, "views/layout/shell.templ", `sse-swap="([a-z,]+)"`), ",")
	slices.Sort(got)
	if want := kindsWith(chat.PayloadFragment); !slices.Equal(got, want) {
		t.Errorf("the shell swaps %q, want %q", got, want)
	}
}

// TestScriptsUseKnownKinds checks the names in lists and listeners of single scripts.
func TestScriptsUseKnownKinds(t *testing.T) {
	known := kindsWith(chat.PayloadJSON, chat.PayloadMessage, chat.PayloadFragment)
	for path, pattern := range map[string]string{
		"static/js/unread.js": `const kinds = \[([^\]]+)\]`,
		"static/js/main.js":   `for \(const name of \[('request'[^\]]+)\]`,
	} {
		for name := range strings.SplitSeq(readSource(t, path, pattern), ",") {
			if name = strings.Trim(name, " '"); !slices.Contains(known, name) {
				t.Errorf("%s: unknown event kind %q", path, name)
			}
		}
	}
}
