package web

import (
	"time"

	"github.com/gofiber/fiber/v2"
)

func (s *Server) setSessionCookie(c *fiber.Ctx, token string, expires time.Time) {
	s.setCookie(c, s.cookie, token, expires)
}

// setCookie sets a cookie that scripts can't read, and that browsers don't send with
// other sites' forms.
func (s *Server) setCookie(c *fiber.Ctx, name, value string, expires time.Time) {
	c.Cookie(&fiber.Cookie{
		Name:     name,
		Value:    value,
		Path:     "/",
		Expires:  expires,
		HTTPOnly: true,
		SameSite: fiber.CookieSameSiteLaxMode,
		Secure:   s.secure(),
	})
}

func (s *Server) clearCookie(c *fiber.Ctx, name string) {
	s.setCookie(c, name, "", time.Unix(0, 0))
}
