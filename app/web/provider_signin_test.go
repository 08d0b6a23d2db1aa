package web

import (
	"testing"

	"github.com/markbates/goth"
)

func TestDisplayName(t *testing.T) {
	for _, tt := range []struct {
		user goth.User
		want string
	}{
		{goth.User{Name: "Ada Lovelace", NickName: "ada"}, "Ada Lovelace"},
		{goth.User{FirstName: "Ada", LastName: "Lovelace", NickName: "ada"}, "Ada Lovelace"},
		{goth.User{NickName: "ada@example.org"}, "ada"},
		{goth.User{Name: "ada@example.org", FirstName: "Ada"}, "Ada"},
		{goth.User{Email: "ada@example.org"}, ""},
	} {
		if got := displayName(tt.user); got != tt.want {
			t.Errorf("%+v: name %q, want %q", tt.user, got, tt.want)
		}
	}
}
