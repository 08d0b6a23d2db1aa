package static

import (
	"bytes"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

// modules are the files of js/ in the order in which they are joined: each may import only what stands before it. They are ES
// modules, so that node can test them; browsers get them as one module, client.js, which is smaller and one request.
var modules = strings.Fields("pace order times rows request outbox returned composer live presence writing conversation toast zone saving dialog news notify menu client")

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
		js, err := fs.ReadFile(source, "js/"+module+".js")
		if err != nil {
			return nil, err
		}
		for _, m := range imports.FindAllSubmatch(js, -1) {
			if !joined[string(m[1])] {
				return nil, fmt.Errorf("js/%s.js imports %s, which doesn't stand before it", module, m[1])
			}
		}
		joined[module] = true
		js = exports.ReplaceAll(imports.ReplaceAll(js, nil), nil)
		for _, m := range declares.FindAllSubmatch(js, -1) {
			name := string(m[1])
			if other, taken := owner[name]; taken {
				return nil, fmt.Errorf("js/%s.js and js/%s.js both declare %s", other, module, name)
			}
			owner[name] = module
		}
		out.Write(squeezeScript(js))
		out.WriteByte('\n')
	}
	return out.Bytes(), nil
}

// squeezeScript drops comments, indentation, empty lines, and blanks beside punctuation. Line breaks stay, since they may end a statement. It
// knows strings and templates, but neither templates within templates nor regular expressions: the files of js/ have none.
func squeezeScript(js []byte) []byte {
	out := make([]byte, 0, len(js))
	blank, line := false, false
	for i := 0; i < len(js); i++ {
		c := js[i]
		rest := js[i:]
		switch {
		case bytes.HasPrefix(rest, []byte("//")):
			i += bytes.IndexByte(append(rest[:len(rest):len(rest)], '\n'), '\n') - 1
			continue
		case bytes.HasPrefix(rest, []byte("/*")):
			i += bytes.Index(rest, []byte("*/")) + 1
			continue
		case c == '\n':
			line = true
			continue
		case c == ' ' || c == '\t' || c == '\r':
			blank = true
			continue
		}
		if len(out) > 0 {
			last := out[len(out)-1]
			switch {
			case line && last != '{' && last != ',' && last != ';' && c != '}':
				out = append(out, '\n')
			case !line && blank && (last == '+' && c == '+' || last == '-' && c == '-' || !punctuation(last) && !punctuation(c)):
				out = append(out, ' ')
			}
		}
		blank, line = false, false
		if c == '\'' || c == '"' || c == '`' {
			end := i + 1
			for js[end] != c {
				if js[end] == '\\' {
					end++
				}
				end++
			}
			out = append(out, js[i:end+1]...)
			i = end
			continue
		}
		out = append(out, c)
	}
	return out
}

// punctuation needs no blank beside it (but a + +b does).
func punctuation(c byte) bool { return strings.IndexByte("{}()[]<>=!?:;,.&|*/%+-'`", c) >= 0 }
