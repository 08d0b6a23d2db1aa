package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheGuideHasEverySetting(t *testing.T) {
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "settings.md"))
	if err != nil {
		t.Fatal(err)
	}

	if !strings.Contains(string(guide), Markdown()) {
		t.Error("docs/settings.md isn’t fresh: go tool task generate")
	}

	for _, s := range Settings() {
		if s.Allowed() == "" || s.Meaning == "" {
			t.Errorf("%s says too little", s.Name)
		}
	}
}
