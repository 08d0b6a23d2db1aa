package static

import (
	"bytes"
	"io/fs"
	"slices"
	"strings"
)

// sections are the files of css/ in the order of the cascade. Each is named for its
// component.
var sections = strings.Fields(`
	tokens base icon receipt button field search avatar badge status shell navigation switch connection conversation header message
	separator group jump composer banner toast card person invite request empty loading dialog switcher emoji menu problems settings
	front admin table stat_card pipeline_steps gallery forced`)

// later are the sections that a conversation's page doesn't need at first. Scripts load them
// after it, for other panes and for toasts.
var later = strings.Fields("group switch toast card person invite request dialog switcher emoji settings")

// stylesheets are the bundles, each named for the frame of views/layout that links
// it: front for signed-out and error pages, shell for signed-in pages, sheet for those that
// are no conversation, admin for operators, gallery for designers. The script frame.js has
// frame.css in it.
var stylesheets = map[string][]string{
	"shell.css":   without(sections, append(later, "front", "admin", "table", "stat_card", "pipeline_steps", "gallery")...),
	"sheet.css":   later,
	"front.css":   strings.Fields("tokens base icon receipt button field card front forced"),
	"admin.css":   without(sections, "navigation", "connection", "switcher", "emoji", "gallery"),
	"gallery.css": sections,
}

func without(all []string, names ...string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(names, s) })
}

// bundleStyles joins and squeezes the files of css/ with these names.
func bundleStyles(source fs.FS, sections []string) ([]byte, error) {
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

// squeeze removes comments and the blanks that CSS doesn't need. It keeps strings,
// and blanks around + and -, because calc() needs them.
func squeeze(css []byte) []byte {
	out := make([]byte, 0, len(css))
	blank := false
	for i := 0; i < len(css); i++ {
		c := css[i]
		if bytes.HasPrefix(css[i:], []byte("/*")) {
			i += 2 + bytes.Index(css[i+2:], []byte("*/")) + 1
			blank = true
			continue
		}
		if isBlank(c) {
			blank = true
			continue
		}

		if blank && len(out) > 0 && needsBlank(out[len(out)-1], c) {
			out = append(out, ' ')
		}
		blank = false

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

func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// needsBlank reports whether a blank between two characters has a meaning.
func needsBlank(before, after byte) bool {
	return strings.IndexByte("{};,:>~", before) < 0 && strings.IndexByte("{};,>~!", after) < 0
}
