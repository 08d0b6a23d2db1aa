// Package docs has no code: its tests hold what the guides say against what is there. test/e2e/guides_test.go runs their commands.
package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// repository calls visit with every file below the root whose name ends so.
func repository(t *testing.T, suffixes []string, visit func(path, text string)) {
	t.Helper()

	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}

		if d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && d.Name() != "..") {
			return filepath.SkipDir
		}

		for _, suffix := range suffixes {
			if strings.HasSuffix(path, suffix) && !strings.HasSuffix(path, "_test.go") {
				text, err := os.ReadFile(path)
				if err != nil {
					return err
				}

				visit(path, string(text))
			}
		}

		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

var (
	fences  = regexp.MustCompile("(?ms)^```.*?^```$")
	links   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heads   = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	unnamed = regexp.MustCompile(`[^\p{L}\p{N}\- ]`)
)

// anchors are the names that GitHub and its like give the headings of a page.
func anchors(text string) map[string]bool {
	names := map[string]bool{}
	for _, h := range heads.FindAllStringSubmatch(fences.ReplaceAllString(text, ""), -1) {
		names[strings.ReplaceAll(unnamed.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-")] = true
	}

	return names
}

// TestLinksLeadSomewhere: every link of every page to a file, and to a heading in it.
func TestLinksLeadSomewhere(t *testing.T) {
	checked := 0
	repository(t, []string{".md"}, func(path, text string) {
		for _, m := range links.FindAllStringSubmatch(fences.ReplaceAllString(text, ""), -1) {
			if strings.HasPrefix(m[1], "https://") {
				continue
			}

			checked++
			file, anchor, _ := strings.Cut(m[1], "#")

			target := path
			if file != "" {
				target = filepath.Join(filepath.Dir(path), file)
			}

			there, err := os.ReadFile(target)
			if err != nil {
				t.Errorf("%s: %s leads nowhere", path, m[1])
			} else if anchor != "" && !anchors(string(there))[anchor] {
				t.Errorf("%s: %s has no such heading", path, m[1])
			}
		}
	})

	if checked < 30 {
		t.Errorf("only %d links were checked", checked)
	}
}

// paths are file names in backticks, from the root or from app/.
var paths = regexp.MustCompile("`([a-z][\\w.-]*/[\\w./-]+\\.(?:go|sql|js|css|templ|yml|md|template))`")

// TestNamedFilesExist checks every file that a page names, but the history in
// measurements and the changelog.
func TestNamedFilesExist(t *testing.T) {
	checked := 0
	repository(t, []string{".md"}, func(path, text string) {
		if strings.Contains(path, "measurements") || strings.Contains(path, "CHANGELOG") {
			return
		}
		for _, m := range paths.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "NOUN") {
				continue
			}
			checked++
			found := slices.ContainsFunc([]string{"..", "../app", "../views", "../static"}, func(root string) bool {
				_, err := os.Stat(filepath.Join(root, m[1]))
				return err == nil
			})
			if !found {
				t.Errorf("%s names %s, which does not exist", path, m[1])
			}
		}
	})
	if checked < 40 {
		t.Errorf("only %d paths were checked", checked)
	}
}

// TestTheIndexHasEveryGuide.
func TestTheIndexHasEveryGuide(t *testing.T) {
	index, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}

	guides, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}

	for _, g := range guides {
		if g != "README.md" && !strings.Contains(string(index), "("+g+")") {
			t.Errorf("docs/README.md doesn't know %s", g)
		}
	}
}

// sources is everything that Parley can say, templates and scripts too, its spaces made one.
func sources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	repository(t, []string{".go", ".templ", ".js"}, func(path, text string) {
		if !strings.HasPrefix(filepath.ToSlash(path), "../test/") && !strings.Contains(path, "_templ.go") {
			all.WriteString(text)
		}
	})
	text := strings.Join(strings.Fields(all.String()), " ")
	return strings.NewReplacer(`" + "`, "", `"+ "`, "").Replace(text) // literals on several lines
}

// verbs are what stands in a format where a sentence has something else each time.
var verbs = regexp.MustCompile(`%[a-z+#]*`)

// TestTroubleshootQuotesTheProgram: each sentence in its text blocks is one of the program's, piece by piece where it differs each time.
func TestTroubleshootQuotesTheProgram(t *testing.T) {
	text, err := os.ReadFile("troubleshoot.md")
	if err != nil {
		t.Fatal(err)
	}

	said, quoted := verbs.ReplaceAllString(sources(t), "…"), 0

	for _, block := range regexp.MustCompile("(?ms)^```text\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		for line := range strings.Lines(block[1]) {
			for piece := range strings.SplitSeq(strings.TrimSpace(line), "…") {
				if piece = strings.Trim(piece, " ():,"); piece == "" {
					continue
				}

				quoted++

				if !strings.Contains(said, piece) {
					t.Errorf("nothing says %q", piece)
				}
			}
		}
	}

	if quoted < 20 {
		t.Errorf("only %d pieces found", quoted)
	}
}

// TestTheUserGuideSpeaksAsThePagesDo: what is bold in it stands on a page.
func TestTheUserGuideSpeaksAsThePagesDo(t *testing.T) {
	text, err := os.ReadFile("user.md")
	if err != nil {
		t.Fatal(err)
	}

	said, quoted := sources(t), 0
	for _, m := range regexp.MustCompile(`\*\*([^*]+)\*\*`).FindAllStringSubmatch(string(text), -1) {
		quoted++

		if words := strings.Join(strings.Fields(m[1]), " "); !strings.Contains(said, words) {
			t.Errorf("no page says %q", words)
		}
	}

	if quoted < 30 {
		t.Errorf("only %d words found", quoted)
	}
}
