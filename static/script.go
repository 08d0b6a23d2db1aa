package static

import (
	"bytes"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/js"
)

// modules are the files of js/ in the order in which they are joined: each may import only what stands before it. They are ES
// modules, so that node can test them; browsers get them as one module, main.js, which is smaller and one request.
var modules = strings.Fields(`
	timing order dates rows request outbox returned composer stream presence marks paging drafts typing
	conversation_events conversation toast timezone autosave dialog filter unread notifications menu main`)

var (
	imports  = regexp.MustCompile(`(?m)^import .* from '\./(\w+)\.js'$`)
	exports  = regexp.MustCompile(`(?m)^export `)
	declares = regexp.MustCompile(`(?m)^(?:async )?(?:const|let|function|class) (\w+)`)
)

// script joins the modules into one scope, without import lines and the word export. Two modules that declare the same name at the
// top are an error.
func script(source fs.FS) ([]byte, error) {
	var out bytes.Buffer
	owner := map[string]string{}
	joined := map[string]bool{}
	for _, module := range modules {
		text, err := fs.ReadFile(source, "js/"+module+".js")
		if err != nil {
			return nil, err
		}
		for _, m := range imports.FindAllSubmatch(text, -1) {
			if !joined[string(m[1])] {
				return nil, fmt.Errorf("js/%s.js imports %s, which doesn't stand before it", module, m[1])
			}
		}
		joined[module] = true
		text = exports.ReplaceAll(imports.ReplaceAll(text, nil), nil)
		for _, m := range declares.FindAllSubmatch(text, -1) {
			name := string(m[1])
			if other, taken := owner[name]; taken {
				return nil, fmt.Errorf("js/%s.js and js/%s.js both declare %s", other, module, name)
			}
			owner[name] = module
		}
		out.Write(text)
		out.WriteByte('\n')
	}
	return minified(out.Bytes())
}

// minified is the same script in fewer bytes: names within functions, comments and blanks go.
func minified(script []byte) ([]byte, error) {
	var out bytes.Buffer
	if err := new(js.Minifier).Minify(minify.New(), &out, bytes.NewReader(script), nil); err != nil {
		return nil, fmt.Errorf("a script: %w", err)
	}
	return out.Bytes(), nil
}
