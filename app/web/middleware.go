package web

import (
	"fmt"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"parley/app/chat"
)

// viewer is who a request comes from.
type viewer struct {
	chat.Session
}

const (
	localRequest = "request" // the request's reference, in the logs and on error pages
	localSession = "session"
)

// recovery turns a panic into an error of ours.
func (s *Server) recovery(c *fiber.Ctx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			s.logger.Error("panic", "path", c.Route().Path, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = fiber.ErrInternalServerError
		}
	}()
	return c.Next()
}

// sameSite refuses posts from other sites without keeping state: by Sec-Fetch-Site, else by Origin against PUBLIC_URL or Host (as Go's
// http.CrossOriginProtection). A request with neither comes from no browser.
func (s *Server) sameSite(c *fiber.Ctx) error {
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		return c.Next()
	}
	switch c.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return c.Next()
	case "":
		origin := c.Get(fiber.HeaderOrigin)
		if origin == "" || s.ownOrigin(c, origin) {
			return c.Next()
		}
	}
	return fiber.NewError(fiber.StatusForbidden, "This came from another site, so it was not done.")
}

func (s *Server) ownOrigin(c *fiber.Ctx, origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	if s.options.PublicURL != nil {
		return u.Scheme == s.options.PublicURL.Scheme && strings.EqualFold(u.Host, s.options.PublicURL.Host)
	}
	return strings.EqualFold(u.Host, string(c.Request().Host()))
}

// signedIn runs a handler for those with a session; others get 401, or a page that leads to the sign-in and back.
func (s *Server) signedIn(handle func(*fiber.Ctx, viewer) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		session, err := s.authenticate(c)
		if err != nil {
			return err
		}
		if elsewhere := confirmed(c, session); elsewhere != "" {
			return c.Redirect(elsewhere, fiber.StatusSeeOther)
		}
		return handle(c, viewer{session})
	}
}

func (s *Server) authenticate(c *fiber.Ctx) (chat.Session, error) {
	session, err := s.chat.Authenticate(c.UserContext(), strings.Clone(c.Cookies(s.cookie)))
	if err == nil {
		c.Locals(localSession, session)
	}
	return session, err
}

// address is the other side's, or what a trusted proxy says it is: the last address of X-Forwarded-For that is no proxy's.
func (s *Server) address(c *fiber.Ctx) netip.Addr {
	peer, _ := peerOf(c.Context())
	if !s.trusted(peer) {
		return peer
	}
	hops := strings.Split(c.Get(fiber.HeaderXForwardedFor), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		if peer = hop.Unmap(); !s.trusted(peer) {
			break
		}
	}
	return peer
}

func peerOf(c *fasthttp.RequestCtx) (netip.Addr, bool) {
	peer, ok := netip.AddrFromSlice(c.RemoteIP())
	return peer.Unmap(), ok
}

func (s *Server) trusted(a netip.Addr) bool {
	for _, p := range s.options.TrustedProxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// fromThisMachine tells a request that certainly was made here: to a loopback name, and by no proxy but a trusted one that names none
// other than this machine (templ's, which reloads designers' browsers).
func (s *Server) fromThisMachine(c *fiber.Ctx) bool {
	peer, _ := netip.AddrFromSlice(c.Context().RemoteIP())
	local, _ := netip.AddrFromSlice(c.Context().LocalIP())
	if !peer.Unmap().IsLoopback() || !local.Unmap().IsLoopback() || !loopbackHost(string(c.Request().Host())) {
		return false
	}
	if origin := c.Get(fiber.HeaderOrigin); origin != "" {
		u, err := url.Parse(origin)
		if err != nil || !loopbackHost(u.Host) {
			return false
		}
	}
	for key, value := range c.Request().Header.All() {
		switch k := strings.ToLower(string(key)); {
		case k == "x-forwarded-for" && s.trusted(peer.Unmap()) && allLoopback(string(value)):
		case k == "forwarded" || k == "via" || k == "x-real-ip" || strings.HasPrefix(k, "x-forwarded-"):
			return false
		}
	}
	return true
}

func allLoopback(addresses string) bool {
	for a := range strings.SplitSeq(addresses, ",") {
		if ip, err := netip.ParseAddr(strings.TrimSpace(a)); err != nil || !ip.IsLoopback() {
			return false
		}
	}
	return true
}

func loopbackHost(host string) bool {
	u, err := url.Parse("//" + host)
	if err != nil {
		return false
	}
	if u.Hostname() == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(u.Hostname())
	return err == nil && a.IsLoopback()
}
