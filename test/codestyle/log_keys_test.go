package codestyle

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// messageOf are slog's methods, with the position of their message.
var messageOf = map[string]int{
	"Debug": 0, "Info": 0, "Warn": 0, "Error": 0,
	"DebugContext": 1, "InfoContext": 1, "WarnContext": 1, "ErrorContext": 1,
}

// keyInstead are keys that log lines don't have, with the one name that they have instead.
var keyInstead = map[string]string{
	"request": "request_id", "reference": "request_id", "req": "request_id",
	"err": "error", "cause": "error",
	"component": "dependency", "part": "dependency",
	"took": "took_seconds", "duration": "took_seconds", "elapsed": "took_seconds", "lasted": "lasted_seconds",
	"timeout": "timeout_seconds", "after": "timeout_seconds", "again_in": "retry_in_seconds",
	"package": "pkg", "for": "operation",
}

// TestLogKeys: one name for each thing, in snake case, and an error in each line about a
// dependency that is down.
func TestLogKeys(t *testing.T) {
	calls := 0

	for _, path := range tracked(t, ".go") {
		if !strings.HasPrefix(path, "app/") || strings.HasSuffix(path, "_test.go") {
			continue
		}

		set := token.NewFileSet()

		file, err := parser.ParseFile(set, filepath.Join(root, path), nil, 0)
		if err != nil {
			t.Fatal(err)
		}

		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if message, keys, ok := logCall(call); ok {
					calls++
					checkLogKeys(t, set.Position(call.Pos()).String(), message, keys)
				}
			}

			return true
		})
	}

	if calls < 60 {
		t.Errorf("only %d log calls found", calls)
	}
}

// logCall returns the message and the literal keys of a call of a logger's method.
func logCall(call *ast.CallExpr) (message string, keys []string, ok bool) {
	method, isMethod := call.Fun.(*ast.SelectorExpr)
	if !isMethod {
		return "", nil, false
	}

	at, known := messageOf[method.Sel.Name]
	receiver := ""

	switch x := method.X.(type) {
	case *ast.Ident:
		receiver = x.Name
	case *ast.SelectorExpr:
		receiver = x.Sel.Name
	}

	if !known || !strings.EqualFold(receiver, "logger") || len(call.Args) <= at {
		return "", nil, false
	}

	message, _ = literal(call.Args[at])
	for i := at + 1; i < len(call.Args); i += 2 {
		if key, ok := literal(call.Args[i]); ok {
			keys = append(keys, key)
		}
	}

	return message, keys, true
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}

	text, err := strconv.Unquote(lit.Value)

	return text, err == nil
}

var snakeCase = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

func checkLogKeys(t *testing.T, position, message string, keys []string) {
	t.Helper()

	for _, key := range keys {
		if want := keyInstead[key]; want != "" {
			t.Errorf("%s: the key %q: write %q", position, key, want)
		}

		if !snakeCase.MatchString(key) {
			t.Errorf("%s: the key %q is not in snake case", position, key)
		}
	}

	if message == "dependency down" && !slices.Contains(keys, "error") {
		t.Errorf("%s: %q has no error", position, message)
	}
}
