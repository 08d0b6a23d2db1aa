// Package codestyle measures the style of the Go code, and tests the repository's
// structure: imports and names.
package codestyle

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fzipp/gocyclo"
)

// Limits of the figures. A change that misses one fails `go tool task lint`.
const (
	maxCommentWidth  = 100  // columns, 90th percentile
	maxLongLines     = 1.0  // percent of lines above longLine columns
	minBlankLines    = 4.0  // percent of the lines inside functions
	minDocumented    = 98.0 // percent of exported identifiers
	maxMedianFile    = 110  // lines
	maxFile          = 400  // lines
	maxComplexity    = 15   // of a function outside tests
	longLine         = 120  // columns
	tabWidth         = 4    // columns
	widthPercentile  = 90
	generatedComment = "// Code generated "
)

// Figures are the measurements of a set of Go files. Generated files are left
// out.
type Figures struct {
	ProgramLines int // lines of code without blank lines and comments, outside tests and benches
	TestLines    int // the same of _test.go files and everything below test/
	BenchLines   int // the same of everything below bench/

	Documented, Exported    int // exported identifiers outside tests, with a doc comment and in all
	BlankLines, InFunctions int // lines inside function bodies: blank ones, and all
	LongLines, Lines        int // lines above 120 columns, and all

	widths []int  // columns of each comment line
	files  []File // every file, shortest first

	Undocumented []string // position and name of exported identifiers without a doc comment
	Complex      []string // functions above the complexity limit
	TooLong      []string // positions of lines above 120 columns
}

// File is one measured file.
type File struct {
	Path  string
	Lines int
}

// Measure reads all Go files below the given roots. Paths are relative to the
// working directory.
func Measure(roots ...string) (*Figures, error) {
	f := &Figures{}

	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && isSkipped(d.Name()):
				return filepath.SkipDir
			case !d.IsDir() && strings.HasSuffix(path, ".go"):
				return f.measureFile(filepath.ToSlash(path))
			}

			return nil
		})
		if err != nil {
			return nil, err
		}
	}

	slices.SortFunc(f.files, func(a, b File) int { return a.Lines - b.Lines })
	slices.Sort(f.widths)
	return f, nil
}

// isSkipped reports whether a directory has no code of ours. "." and ".." are roots.
func isSkipped(dir string) bool {
	hidden := len(dir) > 2 && strings.HasPrefix(dir, ".")
	return dir == "node_modules" || dir == "queries" || hidden
}

func (f *Figures) measureFile(path string) error {
	text, err := os.ReadFile(path)
	if err != nil || bytes.HasPrefix(text, []byte(generatedComment)) {
		return err
	}

	set := token.NewFileSet()

	file, err := parser.ParseFile(set, path, text, parser.ParseComments)
	if err != nil {
		return err
	}

	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	f.files = append(f.files, File{path, len(lines)})
	f.measureWidths(path, lines)
	f.countCode(path, text)
	f.measureFunctions(set, file, lines)

	if !isTest(path) {
		f.countDocs(set, file)
		f.measureComplexity(set, file)
	}

	return nil
}

func (f *Figures) measureWidths(path string, lines []string) {
	for i, line := range lines {
		width := utf8.RuneCountInString(strings.ReplaceAll(line, "\t", strings.Repeat(" ", tabWidth)))

		f.Lines++
		if width > longLine {
			f.LongLines++
			f.TooLong = append(f.TooLong, fmt.Sprintf("%s:%d: %d columns", path, i+1, width))
		}

		if strings.HasPrefix(strings.TrimSpace(line), "//") {
			f.widths = append(f.widths, width)
		}
	}
}

// countCode counts the lines that hold at least one token other than a comment.
func (f *Figures) countCode(path string, text []byte) {
	var s scanner.Scanner
	set := token.NewFileSet()
	file := set.AddFile(path, -1, len(text))
	s.Init(file, text, nil, 0)
	code := map[int]bool{}

	for {
		pos, kind, literal := s.Scan()
		if kind == token.EOF {
			break
		}

		if kind == token.SEMICOLON && literal == "\n" {
			continue
		}

		first := file.Line(pos)
		for line := first; line <= first+strings.Count(literal, "\n"); line++ {
			code[line] = true
		}
	}

	switch {
	case strings.Contains(path, "bench/"):
		f.BenchLines += len(code)
	case isTest(path):
		f.TestLines += len(code)
	default:
		f.ProgramLines += len(code)
	}
}

// isTest reports whether a file is a test, or below a directory such as test or
// chattest.
func isTest(path string) bool {
	isTestDir := func(dir string) bool { return strings.HasSuffix(dir, "test") }
	return strings.HasSuffix(path, "_test.go") || slices.ContainsFunc(strings.Split(path, "/"), isTestDir)
}

func (f *Figures) measureFunctions(set *token.FileSet, file *ast.File, lines []string) {
	for _, decl := range file.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}

		first, last := set.Position(fn.Body.Lbrace).Line, set.Position(fn.Body.Rbrace).Line
		for line := first + 1; line < last; line++ {
			f.InFunctions++
			if strings.TrimSpace(lines[line-1]) == "" {
				f.BlankLines++
			}
		}
	}
}

func (f *Figures) measureComplexity(set *token.FileSet, file *ast.File) {
	for _, s := range gocyclo.AnalyzeASTFile(file, set, nil) {
		if s.Complexity > maxComplexity {
			f.Complex = append(f.Complex, fmt.Sprintf("%s: %s has complexity %d", s.Pos, s.FuncName, s.Complexity))
		}
	}
}
