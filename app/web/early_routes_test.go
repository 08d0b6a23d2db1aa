package web

import (
	"testing"

	"github.com/gofiber/fiber/v2"
)

func TestEarlyRoutes(t *testing.T) {
	s := &Server{early: earlyRoutes((&Server{}).routes())}
	for request, want := range map[[2]string]string{
		{"POST", "/conversations/x/messages"}:   "/conversations/:id/messages",
		{"POST", "/account/picture"}:            "/account/picture",
		{"GET", "/conversations/x/messages"}:    "",
		{"POST", "/conversations/x/read"}:       "",
		{"POST", "/conversations//messages"}:    "",
		{"POST", "/conversations/x/messages/"}:  "",
		{"POST", "/conversations/x/y/messages"}: "",
		{"POST", "/conversations/x"}:            "",
		{"POST", "/account/pictures"}:           "",
		{"POST", "/account"}:                    "",
		{"POST", ""}:                            "",
	} {
		got := ""
		if r := s.earlyRoute([]byte(request[0]), []byte(request[1])); r != nil {
			got = r.Path
		}
		if got != want {
			t.Errorf("%v: row %q, want %q", request, got, want)
		}
	}
}

// TestEarlyRouteAllocatesNothing because it runs for every request of an overload.
func TestEarlyRouteAllocatesNothing(t *testing.T) {
	s := &Server{early: earlyRoutes((&Server{}).routes())}
	method, path := []byte(fiber.MethodPost), []byte("/conversations/0198a3c2-7d1e-7c44-9e0b-5b1f8e2d9a10/messages")
	allocations := testing.AllocsPerRun(100, func() {
		if s.earlyRoute(method, path) == nil {
			t.Fatal("no row")
		}
	})
	if allocations != 0 {
		t.Errorf("%v allocations, want 0", allocations)
	}
}
