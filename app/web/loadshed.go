package web

import (
	"math/rand/v2"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

const (
	// minShedDelay is the wait before a shed send is answered; the longest wait is
	// twice as long. The client's next request on the connection is delayed by as
	// much, so rejections don't use the processors that accepted sends need.
	minShedDelay = 200 * time.Millisecond

	// maxDelayedSheds bounds the shed sends that wait at once, because each keeps its
	// connection and its request in memory. Further ones are answered at once.
	maxDelayedSheds = 8192
)

// shedSend rejects a send with 503 while the limit on sends in flight is reached,
// before routing, authentication and parsing, and reports whether it did. Only
// JSON clients are shed here: a plain form is rejected later, because its answer
// must return the typed text.
func (s *Server) shedSend(c *fasthttp.RequestCtx) bool {
	r := s.earlyRoute(c.Method(), c.Path())
	if r == nil || !r.LoadShedding {
		return false
	}

	err := s.messages.SendOverloaded(c)
	if err == nil || !readsProblems(string(c.Request.Header.Peek(fiber.HeaderAccept))) {
		return false
	}

	if s.delayedSheds.Add(1) <= maxDelayedSheds {
		time.Sleep(minShedDelay + rand.N(minShedDelay)) // #nosec G404 -- a delay, not a secret
	}
	s.delayedSheds.Add(-1)

	c.SetUserValue(localRoute, r.Path)
	ctx := s.app.AcquireCtx(c)
	defer s.app.ReleaseCtx(ctx)
	_ = ctx.JSON(s.setStatus(ctx, err), problemType)
	return true
}
