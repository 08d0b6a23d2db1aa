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

// modules are the files of js/ in the order of the bundle; each may import only
// earlier ones. They are ES modules, so node can test them. Browsers get one
// bundled module, main.js, which is smaller and takes one request.
var modules = strings.Fields(`
	timing order dates rows request store outbox returned drafts composer stream presence marks paging typing
	conversation_events conversation toast timezone autosave dialog filter unread notifications menu session
	panes copies main`)

// offlineModules are those of the page that is shown while Parley can't be reached, and
// workerModules those of the service worker.
var (
	offlineModules = []string{"timing", "offline"}
	workerModules  = strings.Fields(`timing request store outbox background_sync worker`)
)

var (
	importLine  = regexp.MustCompile(`(?m)^import .* from '\./(\w+)\.js'$`)
	exportWord  = regexp.MustCompile(`(?m)^export `)
	declaration = regexp.MustCompile(`(?m)^(?:async )?(?:const|let|function|class) (\w+)`)
)

// bundleModules joins the modules into one scope, without their imports and
// exports, and minifies the result. It fails if two modules declare the same
// top-level name.
func bundleModules(source fs.FS, modules []string) ([]byte, error) {
	var out bytes.Buffer
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
	return minified(slices.Concat([]byte("(()=>{"), out.Bytes(), []byte("})()")))
}

// laterScripts are modules that import nothing, and that main.js imports when it needs them: that
// of the list of conversations once the page is shown, that of the invite link with its page.
var laterScripts = []string{"list.js", "invite.js"}

// stylePlace is where the build puts the styles of a later script, of the same name: they must
// apply when the script changes the page, so they can't be a file that arrives later.
const stylePlace = "const style = ''"

// buildLater minifies one of laterScripts.
func buildLater(source fs.FS, name string) ([]byte, error) {
	text, err := fs.ReadFile(source, "js/"+name)
	if err != nil {
		return nil, err
	}
	if !bytes.Contains(text, []byte(stylePlace)) {
		return minified(text)
	}

	css, err := fs.ReadFile(source, "css/"+strings.TrimSuffix(name, ".js")+".css")
	if err != nil {
		return nil, err
	}
	style := "const style = " + strconv.Quote(string(squeeze(css)))
	return minified(bytes.Replace(text, []byte(stylePlace), []byte(style), 1))
}

// minified shortens names within functions, and removes comments and blanks.
func minified(script []byte) ([]byte, error) {
	var out bytes.Buffer
	if err := new(js.Minifier).Minify(minify.New(), &out, bytes.NewReader(script), nil); err != nil {
		return nil, fmt.Errorf("minify: %w", err)
	}
	return out.Bytes(), nil
}
