package codestyle

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

const root = "../.."

// forbidden reads the words of the glossary's last column, with the term to use
// instead.
func forbidden(t *testing.T) map[string]string {
	t.Helper()

	page, err := os.ReadFile(filepath.Join(root, "docs", "glossary.md"))
	if err != nil {
		t.Fatal(err)
	}

	words := map[string]string{}
	quoted := regexp.MustCompile("`([a-z]+)`")

	for line := range strings.Lines(string(page)) {
		columns := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(columns) != 3 {
			continue
		}

		for _, m := range quoted.FindAllStringSubmatch(columns[2], -1) {
			words[m[1]] = strings.TrimSpace(columns[0])
		}
	}

	if len(words) < 10 {
		t.Fatalf("only %d words found in the glossary", len(words))
	}

	return words
}

// tracked lists the repository's files with one of the suffixes, without generated
// files.
func tracked(t *testing.T, suffixes ...string) (paths []string) {
	t.Helper()
	cmd := exec.Command("git", "ls-files")
	cmd.Dir = root

	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git ls-files: %v", err)
	}

	for path := range strings.FieldsSeq(string(out)) {
		generated := strings.HasSuffix(path, "_templ.go") ||
			strings.HasPrefix(path, "db/queries/") && strings.HasSuffix(path, ".go")
		if generated || !slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(path, s) }) {
			continue
		}

		if _, err := os.Stat(filepath.Join(root, path)); err == nil {
			paths = append(paths, path)
		}
	}

	return paths
}

// words splits an identifier, a file name or a sentence into lower-case words.
func words(text string) (list []string) {
	start, runes := 0, []rune(text)
	flush := func(end int) {
		if end > start {
			list = append(list, strings.ToLower(string(runes[start:end])))
		}

		start = end
	}

	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r):
			flush(i)
			start = i + 1
		case unicode.IsUpper(r) && i > 0 && unicode.IsLower(runes[i-1]):
			flush(i)
		}
	}

	flush(len(runes))
	return list
}

// check reports every word of text that the glossary forbids, also in the plural.
func check(t *testing.T, forbidden map[string]string, position, text string) {
	t.Helper()

	for _, word := range words(text) {
		for _, form := range []string{word, strings.TrimSuffix(word, "s")} {
			if term, ok := forbidden[form]; ok {
				t.Errorf("%s: %q in %q: the glossary's word is %q", position, word, text, term)
				break
			}
		}
	}
}

func TestIdentifiersAndLogMessagesUseTheGlossary(t *testing.T) {
	forbidden := forbidden(t)
	for _, path := range tracked(t, ".go") {
		set := token.NewFileSet()

		file, err := parser.ParseFile(set, filepath.Join(root, path), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}

		check(t, forbidden, path, strings.TrimSuffix(filepath.Base(path), ".go"))
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				check(t, forbidden, fmt.Sprint(set.Position(n.Pos())), n.Name)
			case *ast.CallExpr:
				if message, ok := logMessage(n); ok {
					check(t, forbidden, fmt.Sprint(set.Position(n.Pos())), message)
				}
			}

			return true
		})
	}
}

var logMethods = []string{"Debug", "Info", "Warn", "Error"}

// logMessage returns the message of a call of slog's methods.
func logMessage(call *ast.CallExpr) (string, bool) {
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !slices.Contains(logMethods, strings.TrimSuffix(method.Sel.Name, "Context")) {
		return "", false
	}

	for _, arg := range call.Args {
		if literal, ok := arg.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			message, err := strconv.Unquote(literal.Value)
			return message, err == nil
		}
	}

	return "", false
}

// quotations are the parts of a page that the glossary does not bind: code, links and
// quoted texts.
var quotations = regexp.MustCompile("(?ms)^```.*?^```$|`[^`]*`|\\]\\([^)]*\\)|“[^”]*”")

func TestFilesAndDocsUseTheGlossary(t *testing.T) {
	forbidden := forbidden(t)
	for _, path := range tracked(t, ".sql", ".templ", ".js", ".css") {
		check(t, forbidden, path, filepath.Base(path))
	}

	for _, path := range tracked(t, ".md") {
		if strings.HasPrefix(path, "docs/measurements/") || path == "docs/glossary.md" || path == "docs/user.md" {
			continue
		}

		page, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}

		text := quotations.ReplaceAllStringFunc(string(page), func(quotation string) string {
			return strings.Repeat("\n", strings.Count(quotation, "\n")) // keeps the line numbers
		})

		for i, line := range strings.Split(text, "\n") {
			check(t, forbidden, fmt.Sprintf("%s:%d", path, i+1), line)
		}
	}
}
