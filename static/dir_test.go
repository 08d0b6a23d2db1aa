package static

import (
	"bytes"
	"errors"
	"os"
	"path"
	"testing"
)

func TestDirectoryIsBuiltAgainAfterAChange(t *testing.T) {
	dir := t.TempDir()
	for name, file := range copyEmbedded(t) {
		target := path.Join(dir, name)
		err := errors.Join(os.MkdirAll(path.Dir(target), 0o755), os.WriteFile(target, file.Data, 0o644))
		if err != nil {
			t.Fatal(err)
		}
	}
	files, err := NewFromDir(dir)
	if err != nil {
		t.Fatal(err)
	}

	before := files.URL("shell.css")
	if err := os.WriteFile(path.Join(dir, "css", "badge.css"), []byte(".badge { color: red; }"), 0o644); err != nil {
		t.Fatal(err)
	}
	after := files.URL("shell.css")
	if before == after {
		t.Error("a changed stylesheet keeps its URL")
	}
	if css, ok := files.Open(after, ""); !ok || !bytes.Contains(css.Body, []byte(".badge{color:red}")) {
		t.Error("the change isn't served")
	}

	if err := os.Remove(path.Join(dir, "css", "badge.css")); err != nil {
		t.Fatal(err)
	}
	if files.URL("shell.css") != after {
		t.Error("a failed build replaced the last good one")
	}
}
