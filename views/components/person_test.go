package components

import (
	"strings"
	"testing"
	"time"
)

func TestHighlightedNames(t *testing.T) {
	for _, tt := range []struct{ name, filter, want string }{
		{"Marta Kowalczyk", "mar", "[Mar]ta Kowalczyk"},
		{"Omar", "MAR", "O[mar]"},
		{"Jürgen Schön", "schon", "Jürgen [Schön]"},
		{"Jose\u0301 Marti\u0301", "jose", "[Jose\u0301] Marti\u0301"},
		{"渡辺 健二", "健二", "渡辺 [健二]"},
		{"ﬁne", "fi", "[ﬁ]ne"},
		{"Łucja", "lucja", "[Łucja]"},
		{"<b>Ada</b>", "b>", "<[b>]Ada</b>"},
		{"İpek", "ipek", "[İpek]"},
		{"Ada", "", "Ada"},
		{"Ada", "bob", "Ada"},
		{"", "a", ""},
	} {
		var got, whole strings.Builder
		for _, s := range Highlight(tt.name, tt.filter) {
			whole.WriteString(s.Text)

			if s.Match {
				got.WriteString("[" + s.Text + "]")
			} else {
				got.WriteString(s.Text)
			}
		}

		if got.String() != tt.want || whole.String() != tt.name {
			t.Errorf("%q in %q: %q, want %q", tt.filter, tt.name, got.String(), tt.want)
		}
	}
}

func TestAskedText(t *testing.T) {
	auckland := zone(t, "Pacific/Auckland")

	now := time.Date(2026, 11, 24, 9, 30, 0, 0, auckland)
	for want, at := range map[string]time.Time{
		"Asked just now":       now.Add(-30 * time.Second),
		"Asked a minute ago":   now.Add(-time.Minute),
		"Asked 20 minutes ago": now.Add(-20 * time.Minute),
		"Asked today":          now.Add(-9 * time.Hour),
		"Asked yesterday":      now.Add(-10 * time.Hour),
		"Asked on Saturday":    now.AddDate(0, 0, -3),
		"Asked on 12 May":      time.Date(2026, 5, 12, 3, 0, 0, 0, auckland),
		"Asked on 12 May 2025": time.Date(2025, 5, 12, 3, 0, 0, 0, auckland),
	} {
		if got := AskedText(at, now, auckland); got != want {
			t.Errorf("%v: %q, want %q", at, got, want)
		}
	}
}
