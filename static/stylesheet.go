package static

import (
	"bytes"
	"io/fs"
	"slices"
	"strings"
)

// sections are the files of css/, in the order of the cascade. Each is named for its component.
var sections = strings.Fields(`
	tokens base icon receipt button field search avatar badge status shell tabs switch connection conversation header message
	separator jump composer banner toast card person request empty loading dialog menu problems settings
	front admin table stat_card pipeline_steps gallery forced`)

// stylesheets are what pages link to, one each: front for the signed-out and error pages, talk for everything signed in, ops for
// operators, gallery for designers.
var stylesheets = map[string][]string{
	"shell.css":   without(sections, "front", "admin", "table", "stat_card", "pipeline_steps", "gallery"),
	"front.css":   strings.Fields("tokens base icon receipt button field card front forced"),
	"admin.css":   without(sections, "gallery"),
	"gallery.css": sections,
}

func without(all []string, names ...string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(names, s) })
}

func stylesheet(source fs.FS, sections []string) ([]byte, error) {
	var b bytes.Buffer
	for _, s := range sections {
		css, err := fs.ReadFile(source, "css/"+s+".css")
		if err != nil {
			return nil, err
		}
		b.Write(squeeze(css))
	}
	return b.Bytes(), nil
}

// squeeze drops comments and the blank space that CSS doesn't need. Strings stay as they are; so does space around + and -, which
// calc() needs.
func squeeze(css []byte) []byte {
	out := make([]byte, 0, len(css))
	space := false
	for i := 0; i < len(css); i++ {
		c := css[i]
		switch {
		case c == '/' && bytes.HasPrefix(css[i:], []byte("/*")):
			i += 2 + bytes.Index(css[i+2:], []byte("*/")) + 1
			space = true
			continue
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			space = true
			continue
		}
		if space && len(out) > 0 && !strings.ContainsRune("{};,:", rune(out[len(out)-1])) && !strings.ContainsRune("{};,", rune(c)) {
			out = append(out, ' ')
		}
		space = false
		if c == '}' && len(out) > 0 && out[len(out)-1] == ';' {
			out = out[:len(out)-1]
		}
		if c == '"' {
			end := i + 1 + bytes.IndexByte(css[i+1:], '"')
			out = append(out, css[i:end+1]...)
			i = end
			continue
		}
		out = append(out, c)
	}
	return out
}
