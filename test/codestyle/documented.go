package codestyle

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// countDocs counts the exported identifiers of a file, and the documented ones: their
// doc comment begins with their name. For a constant or variable any comment of its own
// counts, also at the end of its line, but not the comment of a group.
func (f *Figures) countDocs(set *token.FileSet, file *ast.File) {
	if file.Name.Name == "main" {
		return
	}

	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if receiver := receiverOf(d); d.Name.IsExported() && (receiver == "" || ast.IsExported(receiver)) {
				f.count(set, d.Name, beginsWith(d.Doc, d.Name.Name))
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				f.countSpec(set, d, spec)
			}
		}
	}
}

// countSpec counts the identifiers of one type, constant or variable declaration.
func (f *Figures) countSpec(set *token.FileSet, d *ast.GenDecl, spec ast.Spec) {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() {
			f.count(set, s.Name, beginsWith(s.Doc, s.Name.Name) || beginsWith(d.Doc, s.Name.Name))
		}
	case *ast.ValueSpec:
		for _, name := range s.Names {
			if name.IsExported() {
				f.count(set, name, s.Doc != nil || s.Comment != nil || d.Doc != nil && len(d.Specs) == 1)
			}
		}
	}
}

// count adds one exported identifier.
func (f *Figures) count(set *token.FileSet, name *ast.Ident, documented bool) {
	f.Exported++
	if documented {
		f.Documented++
		return
	}

	f.Undocumented = append(f.Undocumented, fmt.Sprintf("%s: %s", set.Position(name.Pos()), name.Name))
}

// receiverOf returns the name of a method's type, or "" for a function.
func receiverOf(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}

	t := d.Recv.List[0].Type
	for {
		switch e := t.(type) {
		case *ast.StarExpr:
			t = e.X
		case *ast.IndexExpr:
			t = e.X
		case *ast.IndexListExpr:
			t = e.X
		case *ast.Ident:
			return e.Name
		default:
			return ""
		}
	}
}

// beginsWith reports whether a comment starts with the name, after an article if
// there is one.
func beginsWith(doc *ast.CommentGroup, name string) bool {
	if doc == nil {
		return false
	}

	text := doc.Text()
	for _, article := range []string{"A ", "An ", "The "} {
		text = strings.TrimPrefix(text, article)
	}

	rest, ok := strings.CutPrefix(text, name)
	return ok && (rest == "" || strings.ContainsAny(rest[:1], " ,.:;\n’'("))
}
