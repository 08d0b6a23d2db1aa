package static

import (
	"os"
	"os/exec"
	"path"
	"regexp"
	"strings"
	"testing"
)

// TestScriptsParse: after one mistake in the bundling a browser would reject the
// whole script.
func TestScriptsParse(t *testing.T) {
	files := mustNew(t)
	for _, bundle := range bundles {
		script := bundle.name
		js, _ := files.Open(files.URL(script), "")
		name := path.Join(t.TempDir(), "script.mjs")
		if err := os.WriteFile(name, js.Body, 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("node", "--check", name).CombinedOutput(); err != nil {
			t.Fatalf("node --check %s (Node.js 20 or newer must be installed): %v\n%s", script, err, out)
		}
	}
}

func TestBundleRejectsConflicts(t *testing.T) {
	for reason, change := range map[string]struct{ file, text string }{
		"declare coalesce": {"js/dates.js", "\nexport function coalesce() {}\n"},
		"before":           {"js/timing.js", "\nimport { Order } from './order.js'\n"},
	} {
		files := copyEmbedded(t)
		files[change.file].Data = append(files[change.file].Data, change.text...)
		if _, err := newBuild(files); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: got %v", reason, err)
		}
	}
}

func TestBundleIsOneScope(t *testing.T) {
	files := mustNew(t)
	js, _ := files.Open(files.URL("main.js"), "")
	if m := regexp.MustCompile(`(?m)^(import|export) .*`).Find(js.Body); m != nil {
		t.Errorf("left in main.js: %s", m)
	}

	js, _ = files.Open(files.URL("frame.js"), "")
	if !strings.HasPrefix(string(js.Body), "export const{startFrame,startPaneExtras}=") {
		t.Errorf("frame.js begins with %.60s", js.Body)
	}
}
