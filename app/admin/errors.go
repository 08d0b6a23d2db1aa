package admin

import (
	"net/http"

	"parley/app/chat"
	views "parley/views/admin"
)

// problem is an error that is shown instead of a page.
type problem struct {
	status  int
	heading string
	detail  string
}

func (p problem) Error() string { return p.detail }

var (
	errNoPage = problem{
		http.StatusNotFound,
		"There’s nothing at this address",
		"What you look for may have been a dead letter or a table of another installation.",
	}
	errCrossOrigin = problem{
		http.StatusForbidden,
		"Not from there",
		"Another site’s page sent this. Nothing was done.",
	}
	errHost = problem{
		http.StatusMisdirectedRequest,
		"Not under this name",
		"These pages answer under localhost, an address, or this machine’s own name.",
	}
	errNoAnswer = problem{
		http.StatusServiceUnavailable,
		"It does not answer",
		"The part that knows this is away or slow. Nothing was changed.",
	}
	errUnconfirmed = problem{
		http.StatusServiceUnavailable,
		"Not confirmed",
		"It may or may not have been done. Doing it again is safe.",
	}
	errTooManyStreams = problem{
		http.StatusServiceUnavailable,
		"Too many look at once",
		"This page works without its stream: load it again.",
	}
)

// fail shows an error. The details of an unexpected one are only logged.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	p, ok := err.(problem)
	if !ok {
		switch chat.KindOf(err) {
		case chat.KindNotFound, chat.KindInvalid:
			p = errNoPage
		default:
			p = errNoAnswer
			s.options.Logger.Warn("operators' page not shown", "path", r.URL.Path, "error", err)
		}
	}

	s.render(w, r, p.status, views.Problem(s.page(p.heading), p.heading, p.detail))
}
