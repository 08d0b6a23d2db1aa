package node

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

// rooms says which of our packages each room may import. A room is everything below its path. node, the program and the tests know
// everyone.
var rooms = map[string][]string{
	"app/chat":            {},
	"app/config":          {},
	"app/store":           {"app/chat", "db"},
	"app/messagelog":      {"app/chat"},
	"app/live":            {"app/chat"},
	"app/web":             {"app/chat", "views", "static"},
	"app/ops":             {"app/chat", "views"},
	"app/devservices":     {"app/config"},
	"app/drill":           {"app/config", "app/devservices"},
	"app/e2e/services":    {"app/devservices"},
	"app/store/storetest": {"app/store", "app/chat", "app/e2e/services"},
	"app/e2e/openid":      {},
	"db":                  {},
	"static":              {},
	"views":               {"app/chat"},
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
		room, allowed := roomOf(filepath.ToSlash(dir))
		if room == "" {
			return nil
		}
		checked++
		for _, imported := range imports(t, path) {
			if other, _ := roomOf(imported); other != room && !slices.Contains(allowed, other) {
				t.Errorf("%s: %s may not import %s", path, room, imported)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked < 30 {
		t.Errorf("only %d files were checked: the rule looks in the wrong place", checked)
	}
}

// roomOf finds the room of a package, by the longest path that fits; anything else of ours is a room that nobody may import.
func roomOf(dir string) (room string, allowed []string) {
	for path, list := range rooms {
		if (dir == path || strings.HasPrefix(dir, path+"/")) && len(path) > len(room) {
			room, allowed = path, list
		}
	}
	return room, allowed
}

func imports(t *testing.T, path string) (ours []string) {
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
			ours = append(ours, rest)
		}
	}
	return ours
}

// TestTechnologiesStayInTheirRooms keeps HTTP’s types out of everything else, and each technology in its room.
func TestTechnologiesStayInTheirRooms(t *testing.T) {
	owners := map[string][]string{
		"github.com/gofiber/":       {"app/web", "bench"},
		"github.com/jackc/":         {"app/store", "db", "app/devservices", "app/e2e", "bench"},
		"github.com/redis/":         {"app/live", "app/node", "app/e2e", "bench"},
		"github.com/confluentinc/":  {"app/messagelog", "bench"},
		"github.com/markbates/":     {"app/web"},
		"github.com/coreos/go-oidc": {"app/web"},
		"github.com/oauth2-proxy/":  {"app/e2e"},
		"github.com/prometheus/":    {"app/ops"},
		"go.opentelemetry.io/":      {"app/ops"},
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
					t.Errorf("%s imports %s, whose place is %v", path, spec.Path.Value, homes)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
