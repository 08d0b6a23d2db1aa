package config

import (
	"errors"
	"strings"
)

// Misspelt returns an error for each name in environ (as os.Environ returns it) that is
// nearly a setting's, unless that setting is set: with REDIS_URI, a replica would
// start an embedded Redis unnoticed. An empty variable counts as unset.
func Misspelt(environ []string) error {
	set := map[string]bool{kafkaBrokerAlias: true}

	for _, pair := range environ {
		if name, value, _ := strings.Cut(pair, "="); value != "" {
			set[name] = true
		}
	}

	settings := Settings()

	known := map[string]bool{kafkaBrokerAlias: true}
	var p problems
	for _, s := range Settings() {
		known[s.Name] = true

		file := s.Name + fileSuffix
		switch {
		case s.Secret:
			known[file] = true
			set[s.Name] = set[s.Name] || set[file]
			settings = append(settings, Setting{Name: file})
		case set[file]:
			p.addf("%s is no setting: only secrets are read from files: write %s", file, s.Name)
			known[file] = true
		}
	}

	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if !set[name] || known[name] || strings.HasPrefix(name, "OTEL_") { // OpenTelemetry reads its own
			continue
		}

		for _, s := range settings {
			if !set[s.Name] && nearly(name, s.Name) {
				p.addf("%s is no setting: write %s, or set that too when %s is another program’s", name, s.Name, name)
			}
		}
	}

	return errors.Join(p...)
}

// nearly allows one to three typos, depending on the setting's length, and none in a
// short name such as PORT.
func nearly(name, setting string) bool {
	if strings.EqualFold(strings.ReplaceAll(name, "-", "_"), setting) {
		return true
	}

	typos := 0

	switch n := len(setting); {
	case n >= 14:
		typos = 3
	case n >= 10:
		typos = 2
	case n >= 8:
		typos = 1
	}

	longer := len(setting) >= 8 && strings.HasPrefix(name, setting) && len(name) <= len(setting)+4 // OPS_ADDRESS
	return longer || EditDistance(name, setting) <= typos
}

// EditDistance returns how many letters to change, remove or add until a is b
// (Levenshtein's distance).
func EditDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}

	for i := range len(a) {
		before := row[0]
		row[0] = i + 1

		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost = 1 + min(before, row[j], row[j+1])
			}

			before, row[j+1] = row[j+1], cost
		}
	}

	return row[len(b)]
}
