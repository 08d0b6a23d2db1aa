package openid

import (
	"encoding/json"

	"github.com/golang-jwt/jwt/v5"
	"github.com/oauth2-proxy/mockoidc"
)

// User is a person who signs in.
type User struct {
	Subject string
	Name    string
	Picture string // an address
	Email   string // Parley never requests it
	// UserinfoOnly omits name, picture and email from the id_token, so only the
	// userinfo endpoint has them.
	UserinfoOnly bool
}

// QueueUser queues a person for a sign-in. With an empty queue, mockoidc signs in its
// default user, Jane Doe.
func (p *Provider) QueueUser(u User) { p.oidc.QueueUser(user(u)) }

// user adapts a User to mockoidc.
type user User

// ID returns the subject.
func (u user) ID() string { return u.Subject }

// Userinfo returns the response of the userinfo endpoint.
func (u user) Userinfo([]string) ([]byte, error) {
	return json.Marshal(map[string]any{"sub": u.Subject, "name": u.Name, "picture": u.Picture, "email": u.Email})
}

// Claims returns the claims of the id_token.
func (u user) Claims(_ []string, base *mockoidc.IDTokenClaims) (jwt.Claims, error) {
	c := claims{IDTokenClaims: base}
	if !u.UserinfoOnly {
		c.Name, c.Picture, c.Email = u.Name, u.Picture, u.Email
	}
	return c, nil
}

// claims are the claims of an id_token with a profile.
type claims struct {
	*mockoidc.IDTokenClaims

	Name    string `json:"name,omitempty"`
	Picture string `json:"picture,omitempty"`
	Email   string `json:"email,omitempty"`
}
