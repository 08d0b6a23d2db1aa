package config

import (
	"fmt"
	"strings"
)

// Allowed says what may be written: what a refusal tells people to write, and "text" where nothing is refused.
func (s Setting) Allowed() string {
	err := s.set(&Config{}, "?")
	if err == nil {
		return "text"
	}
	_, allowed, ok := strings.Cut(err.Error(), "write ")
	if !ok {
		return err.Error()
	}
	return strings.TrimPrefix(allowed, ", ") // which is the empty choice
}

// Markdown is the table of all settings, which docs/settings.md holds.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| setting | default | may be | meaning |\n|---|---|---|---|\n")
	for _, s := range Settings {
		preset := ""
		if s.Default != "" {
			preset = "`" + s.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", s.Name, preset, cell(s.Allowed()), cell(s.Meaning))
	}
	return b.String()
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
