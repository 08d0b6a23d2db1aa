package components

import (
	"bytes"
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryComponentHasAnExample(t *testing.T) {
	components, examples := exportedComponents(t), map[string]int{}

	for _, n := range Examples() {
		for _, e := range n.Examples {
			examples[e.Name]++
			if !components[e.Name] {
				t.Errorf("%s, %s: no such component", n.Name, e.Name)
			}
		}
	}

	for name := range components {
		if examples[name] == 0 {
			t.Errorf("%s has no example: add a line to Examples", name)
		}
	}

	if len(components) < 10 {
		t.Errorf("only %d components were found: the test reads the wrong directory", len(components))
	}
}

// exportedComponents returns the names of this package's exported functions that
// return a templ.Component.
func exportedComponents(t *testing.T) map[string]bool {
	t.Helper()

	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}

	names := map[string]bool{}

	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}

		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}

		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !f.Name.IsExported() || f.Type.Results == nil {
				continue
			}

			if results := f.Type.Results.List; len(results) == 1 && isSelector(results[0].Type, "templ", "Component") {
				names[f.Name.Name] = true
			}
		}
	}

	return names
}

func isSelector(e ast.Expr, pkg, name string) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}

	x, ok := s.X.(*ast.Ident)
	return ok && x.Name == pkg && s.Sel.Name == name
}

// TestExamplesShowTheirComponent: an example that is named for one component and shows
// another would be worse than none.
func TestExamplesShowTheirComponent(t *testing.T) {
	files, err := filepath.Glob("examples*.go")
	if err != nil {
		t.Fatal(err)
	}

	checked := 0

	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}

		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.CompositeLit)
			if !ok || len(literal.Elts) != 3 {
				return true
			}

			if frame, ok := literal.Elts[1].(*ast.Ident); ok && frame.IsExported() { // a Noun
				return true
			}

			of, ok := literal.Elts[0].(*ast.BasicLit)

			call, isCall := literal.Elts[2].(*ast.CallExpr)
			if !ok || !isCall {
				return true
			}

			checked++
			if name, ok := call.Fun.(*ast.Ident); ok && name.Name == "within" {
				call = call.Args[len(call.Args)-1].(*ast.CallExpr)
			}

			if name, ok := call.Fun.(*ast.Ident); !ok || `"`+name.Name+`"` != of.Value {
				t.Errorf("an example of %s calls another function", of.Value)
			}

			return true
		})
	}

	if checked < 40 {
		t.Errorf("only %d examples were checked", checked)
	}
}

func TestEveryExampleRenders(t *testing.T) {
	seen := map[string]bool{}

	for _, n := range Examples() {
		if _, err := os.Stat("../../static/css/" + n.Name + ".css"); err != nil {
			t.Errorf("%s has no stylesheet: %v", n.Name, err)
		}

		for _, e := range n.Examples {
			var b bytes.Buffer
			if err := e.Render(context.Background(), &b); err != nil || b.Len() == 0 {
				t.Errorf("%s, %s: %d bytes, %v", e.Name, e.State, b.Len(), err)
			}

			if seen[e.Name+e.State] {
				t.Errorf("%s, %s appears twice", e.Name, e.State)
			}

			seen[e.Name+e.State] = true
			if strings.Contains(b.String(), "<b onclick") {
				t.Errorf("%s, %s: a message's markup is not escaped", e.Name, e.State)
			}
		}
	}
}
