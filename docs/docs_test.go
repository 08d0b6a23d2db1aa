// Package docs has no code. Its tests compare the guides with the program: links,
// headings, quoted log lines and page texts. test/e2e/guides_test.go runs their
// commands.
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

// repository calls visit with every file of the repository that has one of the
// suffixes, except tests.
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
	fences       = regexp.MustCompile("(?ms)^```.*?^```$")
	links        = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	headings     = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	notInAnchors = regexp.MustCompile(`[^\p{L}\p{N}\- ]`)
)

// anchors returns the ids that GitHub gives the headings of a page.
func anchors(text string) map[string]bool {
	ids := map[string]bool{}

	for _, h := range headings.FindAllStringSubmatch(fences.ReplaceAllString(text, ""), -1) {
		id := notInAnchors.ReplaceAllString(strings.ToLower(h[1]), "")
		ids[strings.ReplaceAll(id, " ", "-")] = true
	}

	return ids
}

// TestLinksPointAtFilesAndHeadings checks every link that is not external.
func TestLinksPointAtFilesAndHeadings(t *testing.T) {
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

			page, err := os.ReadFile(target)
			if err != nil {
				t.Errorf("%s: the file of %s does not exist", path, m[1])
			} else if anchor != "" && !anchors(string(page))[anchor] {
				t.Errorf("%s: the heading of %s does not exist", path, m[1])
			}
		}
	})

	if checked < 30 {
		t.Errorf("only %d links were checked", checked)
	}
}

// paths are file names in backticks, from the root or from app/.
var paths = regexp.MustCompile("`([a-z][\\w.-]*/[\\w./-]+\\.(?:go|sql|js|css|templ|yml|md|template))`")

// TestNamedFilesExist checks every file that a page names, except in measurements and
// the changelog, which name files of earlier releases.
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

func TestTheIndexListsEveryGuide(t *testing.T) {
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
			t.Errorf("docs/README.md has no link to %s", g)
		}
	}
}

// sources returns the program's code, templates and scripts as one text with single
// spaces. Literals that are split over several lines are joined.
func sources(t *testing.T) string {
	t.Helper()
	var all strings.Builder

	repository(t, []string{".go", ".templ", ".js"}, func(path, text string) {
		if !strings.HasPrefix(filepath.ToSlash(path), "../test/") && !strings.Contains(path, "_templ.go") {
			all.WriteString(text)
		}
	})

	text := strings.Join(strings.Fields(all.String()), " ")
	return strings.NewReplacer(`" + "`, "", `"+ "`, "").Replace(text)
}

// verbs are the verbs of fmt in a format.
var verbs = regexp.MustCompile(`%[a-z+#]*`)

// TestTroubleshootQuotesTheProgram looks for each line of the guide's text blocks in
// the sources. An ellipsis stands for a value, so the pieces around it are compared.
func TestTroubleshootQuotesTheProgram(t *testing.T) {
	text, err := os.ReadFile("troubleshoot.md")
	if err != nil {
		t.Fatal(err)
	}

	program, quoted := verbs.ReplaceAllString(sources(t), "…"), 0

	for _, block := range regexp.MustCompile("(?ms)^```text\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		for line := range strings.Lines(block[1]) {
			for piece := range strings.SplitSeq(strings.TrimSpace(line), "…") {
				if piece = strings.Trim(piece, " ():,"); piece == "" {
					continue
				}

				quoted++

				if !strings.Contains(program, piece) {
					t.Errorf("the program has no text %q", piece)
				}
			}
		}
	}

	if quoted < 20 {
		t.Errorf("only %d pieces found", quoted)
	}
}

// TestTheUserGuideQuotesThePages looks for the guide's bold texts in the sources.
func TestTheUserGuideQuotesThePages(t *testing.T) {
	text, err := os.ReadFile("user.md")
	if err != nil {
		t.Fatal(err)
	}

	program, quoted := sources(t), 0

	for _, m := range regexp.MustCompile(`\*\*([^*]+)\*\*`).FindAllStringSubmatch(string(text), -1) {
		quoted++

		if words := strings.Join(strings.Fields(m[1]), " "); !strings.Contains(program, words) {
			t.Errorf("no page has the text %q", words)
		}
	}

	if quoted < 30 {
		t.Errorf("only %d bold texts found", quoted)
	}
}
