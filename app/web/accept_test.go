package web

import (
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

func TestPrefersJSON(t *testing.T) {
	for header, want := range map[string]bool{
		"":                                         false,
		"*/*":                                      false,
		"text/html":                                false,
		"application/json":                         true,
		"Application/JSON":                         true,
		"APPLICATION/JSON":                         true,
		" application/json ":                       true,
		"application/json; charset=utf-8":          true,
		"application/json;charset=UTF-8":           true,
		"application/json ; charset=utf-8 ":        true,
		"application/json;charset=utf-8,*/*":       true,
		"application/json, */*":                    true,
		"*/*, application/json":                    true,
		"application/json, text/html":              true,
		"text/html, application/json":              false,
		"text/html;q=0, */*":                       true,
		"text/html;Q=0, */*":                       true,
		"text/html; q=0.0, */*":                    true,
		"text/*;q=0, */*":                          true,
		"text/html;q=0.5, application/json;q=0.9":  true,
		"text/html;q=0.9, application/json;q=0.5":  false,
		"text/html, application/json;q=0.9, */*":   false,
		"application/json;q=0":                     false,
		"application/json;q=0, */*":                false,
		"application/json;q=1;x=y, text/html;q=.9": true,
		"application/json;q=2, text/html;q=0.1":    false,
		"application/json;q=NaN, text/html;q=0.1":  false,
		"application/*":                            true,
		"application/*, text/html":                 false,
		"application/json, text/event-stream":      true,
		"application/jsonx":                        false,
		"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8": false,
	} {
		if got := prefers(header, fiber.MIMEApplicationJSON, fiber.MIMETextHTML); got != want {
			t.Errorf("%q: JSON preferred is %v, want %v", header, got, want)
		}
	}
}

func TestAccepts(t *testing.T) {
	for header, want := range map[string]bool{
		"text/html, application/problem+json":                true,
		"text/html, Application/Problem+JSON; charset=utf-8": true,
		"application/problem+json;q=0":                       false,
		"application/problem+jsonx":                          false,
		"*/*":                                                false,
		"":                                                   false,
	} {
		if got := accepts(header, problemType); got != want {
			t.Errorf("%q: problems accepted is %v, want %v", header, got, want)
		}
	}
}

func TestListHeadersAreJoined(t *testing.T) {
	var h fasthttp.RequestHeader
	h.Add("X-Forwarded-For", "192.0.2.1")
	h.Add("Accept", "text/html;q=0.1")
	h.Add("x-forwarded-for", "192.0.2.2, 192.0.2.3")
	h.Add("Accept", "application/json")
	h.Add("Accept-Encoding", "identity")
	h.Add("Accept-Encoding", "br")
	joinLists(&h)
	for name, want := range map[string]string{
		"X-Forwarded-For": "192.0.2.1, 192.0.2.2, 192.0.2.3",
		"Accept":          "text/html;q=0.1, application/json",
		"Accept-Encoding": "identity, br",
	} {
		if all := h.PeekAll(name); len(all) != 1 || string(all[0]) != want {
			t.Errorf("%s: %q, want %q", name, all, want)
		}
	}
	if !h.HasAcceptEncoding("br") {
		t.Error("the second line is not read")
	}
}
