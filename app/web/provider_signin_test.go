package web

import (
	"testing"
)

func TestDisplayName(t *testing.T) {
	for _, tt := range []struct {
		person profile
		want   string
	}{
		{profile{Name: "Ada Lovelace", Nickname: "ada"}, "Ada Lovelace"},
		{profile{GivenName: "Ada", Family: "Lovelace", Nickname: "ada"}, "Ada Lovelace"},
		{profile{Nickname: "ada@example.org"}, "ada"},
		{profile{Name: "ada@example.org", GivenName: "Ada"}, "Ada"},
		{profile{Username: "ada@example.org"}, "ada"},
		{profile{}, ""},
	} {
		if got := displayName(tt.person); got != tt.want {
			t.Errorf("%+v: name %q, want %q", tt.person, got, tt.want)
		}
	}
}
