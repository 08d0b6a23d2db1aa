package web

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// listHeaders are the headers whose lines together are one list (RFC 9110 §5.3).
var listHeaders = [...]string{
	fiber.HeaderAccept,
	fiber.HeaderAcceptEncoding,
	fiber.HeaderForwarded,
	fiber.HeaderVia,
	fiber.HeaderXForwardedFor,
}

// joinLists replaces several lines of a list header by one line, in the same order,
// because fasthttp and Fiber read only the first.
func joinLists(h *fasthttp.RequestHeader) {
	var joined [len(listHeaders)][]byte
	for i, name := range listHeaders { // before any is deleted, which changes the order of the others
		if lines := h.PeekAll(name); len(lines) > 1 {
			joined[i] = bytes.Join(lines, []byte(", "))
		}
	}

	for i, value := range joined {
		if value != nil {
			h.Del(listHeaders[i])
			h.SetBytesV(listHeaders[i], value)
		}
	}
}

// wantsJSON reports whether the client is a program: it prefers application/json.
func wantsJSON(c *fiber.Ctx) bool {
	return prefers(c.Get(fiber.HeaderAccept), fiber.MIMEApplicationJSON, fiber.MIMETextHTML)
}

// wantsProblem reports whether the client reads errors as problems: a program, or the
// page's script, which reads everything else as fragments.
func wantsProblem(c *fiber.Ctx) bool {
	return c.Locals(localProgram) != nil || readsProblems(c.Get(fiber.HeaderAccept))
}

// wantsPage reports whether the answer is loaded as a page: neither a program nor htmx
// reads it.
func wantsPage(c *fiber.Ctx) bool { return !wantsProblem(c) && !isHTMX(c) }

// readsProblems is wantsProblem for an Accept header. The client of a stream is a program
// too: a browser's EventSource shows no page.
func readsProblems(accept string) bool {
	return accepts(accept, problemType) || accepts(accept, "text/event-stream") ||
		prefers(accept, fiber.MIMEApplicationJSON, fiber.MIMETextHTML)
}

// accepts reports whether an Accept header names a media type, not only a range that
// includes it.
func accepts(header, mediaType string) bool {
	q := qualityOf(header, mediaType)
	return q.weight > 0 && q.precision == 2
}

// prefers reports whether an Accept header prefers a media type to another one: by its
// weight, else by its more precise range, else by its position.
func prefers(header, mediaType, other string) bool {
	a, b := qualityOf(header, mediaType), qualityOf(header, other)
	switch {
	case a.weight != b.weight:
		return a.weight > b.weight
	case a.weight == 0:
		return false
	case a.precision != b.precision:
		return a.precision > b.precision
	}
	return a.position < b.position
}

// quality is what an Accept header says about one media type (RFC 9110 §12.5.1).
type quality struct {
	weight    float64 // 0: not acceptable
	precision int     // of the range that has the weight: 0 for */*, 1 for type/*, 2 for the type
	position  int     // of that range in the header
}

// qualityOf returns what the most precise range that includes a media type says about it.
// It ignores parameters but the weight, because Parley has one form of each type.
func qualityOf(header, mediaType string) quality {
	found := quality{precision: -1}
	main, _, _ := strings.Cut(mediaType, "/")
	position := 0
	for part := range strings.SplitSeq(header, ",") {
		name, parameters, _ := strings.Cut(part, ";")
		precision := -1
		switch name = strings.ToLower(strings.TrimSpace(name)); name {
		case mediaType:
			precision = 2
		case main + "/*":
			precision = 1
		case "*/*", "*":
			precision = 0
		}
		if precision > found.precision {
			found = quality{weightOf(parameters), precision, position}
		}
		position++
	}
	return found
}

// weightOf returns the weight among the parameters of a range: 1 without one, and 0 for an
// invalid one.
func weightOf(parameters string) float64 {
	for p := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(p, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil || !(q >= 0 && q <= 1) {
			return 0
		}
		return q
	}
	return 1
}
