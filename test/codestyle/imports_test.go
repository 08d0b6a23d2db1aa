package codestyle

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// allowed lists the packages of this repository that each package may import. A path
// includes everything below it, unless a longer path is listed. Unlisted packages
// (replica, cli, the tests and benches) may import everything.
var allowed = map[string][]string{
	"app/audit":     {},
	"app/chat":      {"app/limit", "app/picture", "app/status", "app/loop"},
	"app/buildinfo": {},
	"app/config":    {},
	"app/limit":     {},
	"app/loop":      {},
	"app/picture":   {"app/limit"},
	"app/safehttp":  {},
	"app/status":    {},
	"app/client":    {},
	"app/postgres":  {"app/chat", "app/limit", "app/loop", "app/status", "db"},
	"app/kafka":     {"app/chat", "app/limit", "app/loop", "app/status"},
	"app/redis":     {"app/chat", "app/limit", "app/loop", "app/status"},
	"app/sse":       {"app/chat", "app/limit", "app/loop", "app/sse/frame", "app/status"},
	"app/sse/frame": {},
	"app/web": {
		"app/audit",
		"app/chat",
		"app/limit",
		"app/loop",
		"app/picture",
		"app/safehttp",
		"app/sse/frame",
		"app/status",
		"views",
		"static",
	},
	"app/admin":                 {"app/audit", "app/chat", "app/limit", "app/loop", "app/sse/frame", "app/status", "views"},
	"app/telemetry":             {"app/chat", "app/limit", "app/loop", "app/status"},
	"app/demo":                  {"app/chat", "app/postgres"},
	"app/devservices":           {"app/config", "app/loop"},
	"app/drill":                 {"app/chat", "app/client", "app/config", "app/devservices", "app/loop"},
	"app/chat/chattest":         {"app/chat", "app/limit", "test/wait"},
	"app/postgres/postgrestest": {"app/postgres", "app/chat", "app/chat/chattest", "test/services", "test/wait"},
	"db":                        {},
	"static":                    {},
	"views":                     {"app/chat", "app/status", "static"},
	"test/openid":               {},
	"test/services":             {"app/devservices", "app/drill"},
	"test/wait":                 {},
}

func TestDependencyRules(t *testing.T) {
	root := filepath.Join("..", "..")
	checked := 0

	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}

		if d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && d.Name() != "..") {
			return filepath.SkipDir
		}

		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}

		dir, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}

		name, list := packageOf(filepath.ToSlash(dir))
		if name == "" {
			return nil
		}

		checked++

		for _, imported := range imports(t, path) {
			if other, _ := packageOf(imported); other != name && !slices.Contains(list, other) {
				t.Errorf("%s: %s may not import %s", path, name, imported)
			}
		}

		return nil
	})
	if err != nil {
		t.Fatal(err)
	}

	if checked < 30 {
		t.Errorf("only %d files were checked: is the root of the repository wrong?", checked)
	}
}

// packageOf returns the longest path of allowed that includes dir, and its list. For
// any other directory the name is "", which no list contains.
func packageOf(dir string) (name string, list []string) {
	for path, imports := range allowed {
		if (dir == path || strings.HasPrefix(dir, path+"/")) && len(path) > len(name) {
			name, list = path, imports
		}
	}

	return name, list
}

// imports returns the packages of this repository that a file imports, without the
// prefix "parley/".
func imports(t *testing.T, path string) (list []string) {
	t.Helper()

	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}

	for _, spec := range file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}

		if rest, ok := strings.CutPrefix(name, "parley/"); ok {
			list = append(list, rest)
		}
	}

	return list
}

// TestThirdPartyClientsStayInTheirPackages keeps each client library in the
// package that adapts it.
func TestThirdPartyClientsStayInTheirPackages(t *testing.T) {
	owners := map[string][]string{
		"github.com/gofiber/":       {"app/web", "bench"},
		"github.com/jackc/":         {"app/postgres", "db", "app/devservices", "test", "bench"},
		"github.com/redis/":         {"app/redis", "app/replica", "test", "bench"},
		"github.com/confluentinc/":  {"app/kafka", "bench"},
		"github.com/markbates/":     {"app/web"},
		"github.com/coreos/go-oidc": {"app/web"},
		"github.com/oauth2-proxy/":  {"test"},
		"github.com/prometheus/":    {"app/telemetry"},
		"go.opentelemetry.io/":      {"app/telemetry"},
	}
	root := filepath.Join("..", "..")

	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}

		if d.IsDir() && d.Name() == "node_modules" {
			return filepath.SkipDir
		}

		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}

		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}

		dir, _ := filepath.Rel(root, filepath.ToSlash(filepath.Dir(path)))

		for _, spec := range file.Imports {
			for prefix, homes := range owners {
				if !strings.HasPrefix(strings.Trim(spec.Path.Value, `"`), prefix) {
					continue
				}

				if !slices.ContainsFunc(homes, func(h string) bool { return strings.HasPrefix(dir, h) }) {
					t.Errorf("%s imports %s, which belongs to %v", path, spec.Path.Value, homes)
				}
			}
		}

		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
