package config

import (
	"errors"
	"fmt"
	"strings"
)

// Misspelt finds names in an environment (os.Environ) that are nearly a setting's, where the setting itself isn't set: whoever wrote
// REDIS_URI would get an embedded Redis and not know it. An empty one is as good as none.
func Misspelt(environ []string) error {
	set := map[string]bool{"KAFKA_BROKER": true}
	for _, pair := range environ {
		if name, value, _ := strings.Cut(pair, "="); value != "" {
			set[name] = true
		}
	}
	known := map[string]bool{"KAFKA_BROKER": true}
	for _, s := range Settings {
		known[s.Name] = true
	}
	var problems []error
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if !set[name] || known[name] || strings.HasPrefix(name, "OTEL_") { // OpenTelemetry's are many, and not ours to judge
			continue
		}
		for _, s := range Settings {
			if !set[s.Name] && nearly(name, s.Name) {
				problems = append(problems, fmt.Errorf("%s is no setting: write %s, or set that too when %s is another program’s", name, s.Name, name))
			}
		}
	}
	return errors.Join(problems...)
}

// nearly allows a slip or two for a long name and none for one as short as PORT.
func nearly(name, setting string) bool {
	if strings.EqualFold(strings.ReplaceAll(name, "-", "_"), setting) {
		return true
	}
	slips := 0
	switch n := len(setting); {
	case n >= 14:
		slips = 3
	case n >= 10:
		slips = 2
	case n >= 8:
		slips = 1
	}
	longer := len(setting) >= 8 && strings.HasPrefix(name, setting) && len(name) <= len(setting)+4 // OPS_ADDRESS
	return longer || EditDistance(name, setting) <= slips
}

// EditDistance counts the letters to change, remove or add until a is b
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
