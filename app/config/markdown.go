package config

import (
	"fmt"
	"strings"
)

// Allowed returns the values that a setting accepts, as the error for a wrong value
// names them; "text" if every value is accepted.
func (s Setting) Allowed() string {
	err := s.set("?")
	if err == nil {
		return "text"
	}

	_, allowed, ok := strings.Cut(err.Error(), "write ")
	if !ok {
		return err.Error()
	}

	return strings.TrimPrefix(allowed, ", ") // of an empty choice
}

// Markdown returns the table of all settings, which docs/settings.md contains.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| setting | default | may be | meaning |\n|---|---|---|---|\n")

	for _, s := range Settings() {
		def := ""
		if s.Default != "" {
			def = "`" + s.Default + "`"
		}

		name := s.Name
		if s.Secret {
			name += "`, `" + s.Name + fileSuffix
		}

		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", name, def, cell(s.Allowed()), cell(s.Meaning))
	}

	return b.String()
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
