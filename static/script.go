package static

import (
	"bytes"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/js"
)

// bundle is a script that browsers get: the modules that are joined into it, in their order. Each
// may import only earlier ones. They are ES modules, so node can test them. What the last one exports,
// the bundle exports. A module in two bundles exists twice in a page, so only modules without a state
// may be.
type bundle struct{ name, modules string }

// bundles may be imported, by name, by those after them. main.js has what the first interaction with
// a page needs, and imports frame.js with everything else once it runs.
var bundles = []bundle{
	{"switcher.js", "html rank switcher"},
	{"emoji.js", "rank emoji_names picker emoji"},
	{"frame.js", `timing days html request presence typing check toast timezone autosave dialog filter unread notifications
		menu list invite copies keys rank emoji_names emoji_button frame`},
	{"main.js", `timing days order dates html rows request store outbox returned drafts composer stream marks paging
		conversation_events conversation toast session panes main`},
	{"offline.js", "timing offline"}, // of the page that is shown while Parley can't be reached
	{"worker.js", "timing request store outbox background_sync worker"},
}

var (
	importLine  = regexp.MustCompile(`(?m)^import .* from '\./(\w+)\.js'$`)
	exportWord  = regexp.MustCompile(`(?m)^export `)
	declaration = regexp.MustCompile(`(?m)^(?:async )?(?:const|let|function|class) (\w+)`)
	exported    = regexp.MustCompile(`(?m)^export (?:async )?(?:const|function|class) (\w+)`)

	// stylePlace is where the build puts the styles of a module, of the same name: they must apply
	// when the script changes the page, so they can't be a file that arrives later.
	stylePlace = regexp.MustCompile(`(?m)^const (\w+)Style = ''`)
)

// joinModules joins modules into one scope, without their imports, and minifies the result. It fails
// if two modules declare the same top-level name.
func joinModules(source fs.FS, modules []string) ([]byte, error) {
	var out bytes.Buffer
	var exports []string
	owner := map[string]string{}
	joined := map[string]bool{}

	for _, module := range modules {
		text, err := fs.ReadFile(source, "js/"+module+".js")
		if err != nil {
			return nil, err
		}

		for _, m := range importLine.FindAllSubmatch(text, -1) {
			if !joined[string(m[1])] {
				return nil, fmt.Errorf("js/%s.js imports %s, which doesn't stand before it", module, m[1])
			}
		}
		joined[module] = true

		exports = nil
		for _, m := range exported.FindAllSubmatch(text, -1) {
			exports = append(exports, string(m[1]))
		}
		if text, err = putStyle(source, text); err != nil {
			return nil, err
		}

		text = exportWord.ReplaceAll(importLine.ReplaceAll(text, nil), nil)
		for _, m := range declaration.FindAllSubmatch(text, -1) {
			name := string(m[1])
			if other, taken := owner[name]; taken {
				return nil, fmt.Errorf("js/%s.js and js/%s.js both declare %s", other, module, name)
			}
			owner[name] = module
		}

		out.Write(text)
		out.WriteByte('\n')
	}

	// In a function, the minifier shortens the top-level names, too.
	if exports == nil {
		return minified(fmt.Appendf(nil, "(()=>{%s})()", out.Bytes()))
	}
	names := strings.Join(exports, ",")
	return minified(fmt.Appendf(nil, "export const {%s}=(()=>{%sreturn{%s}})()", names, out.Bytes(), names))
}

// putStyle puts the styles of a module into it, if it has a place for them.
func putStyle(source fs.FS, module []byte) ([]byte, error) {
	place := stylePlace.FindSubmatchIndex(module)
	if place == nil {
		return module, nil
	}

	name := string(module[place[2]:place[3]])
	css, err := fs.ReadFile(source, "css/"+name+".css")
	if err != nil {
		return nil, err
	}
	style := fmt.Sprintf("const %sStyle = %s", name, strconv.Quote(string(squeeze(css))))
	return slices.Concat(module[:place[0]], []byte(style), module[place[1]:]), nil
}

// minified shortens names within functions, and removes comments and blanks.
func minified(script []byte) ([]byte, error) {
	var out bytes.Buffer
	if err := new(js.Minifier).Minify(minify.New(), &out, bytes.NewReader(script), nil); err != nil {
		return nil, fmt.Errorf("minify: %w", err)
	}
	return out.Bytes(), nil
}
