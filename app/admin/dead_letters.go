package admin

import (
	"context"
	"net/http"
	"net/netip"
	"time"

	"parley/app/audit"
	"parley/app/chat"
	views "parley/views/admin"
)

// resolveTimeout bounds the resolution of a dead letter: the topic is read again,
// and one or two records are acknowledged.
const resolveTimeout = 4 * time.Second

// audit writes the audit line of an operator's act, with the address of the client.
func (s *Server) audit(r *http.Request, e audit.Entry) {
	if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		e.Address = peer.Addr().Unmap()
	}
	audit.Write(r.Context(), s.options.Audit, e)
}

func (s *Server) showDeadLetter(w http.ResponseWriter, r *http.Request) {
	d, err := s.collector.deadLetter(r.Context(), r.PathValue("id"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	page := s.page("Dead letter " + d.ID + " · Pipeline")
	s.render(w, r, http.StatusOK, views.DeadLetter(page, d, s.options.ShowText))
}

// resolveDeadLetter replays or discards a dead letter and redirects to its page. A
// second request for the same one does nothing. The resolution continues when the
// request is canceled, so that a closed tab doesn't leave it half done.
func (s *Server) resolveDeadLetter(w http.ResponseWriter, r *http.Request) {
	id, resolution := r.PathValue("id"), r.PathValue("resolution")
	if resolution != Replay && resolution != Discard {
		s.fail(w, r, errNoPage)
		return
	}

	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), resolveTimeout)
	defer cancel()

	err := s.backend.ResolveDeadLetter(ctx, id, resolution)
	s.audit(r, audit.Entry{Action: audit.ResolveDeadLetter, Target: resolution + " " + id, Err: err})
	s.collector.deadLetters.invalidate()
	if err != nil {
		s.options.Logger.Warn("dead letter not resolved", "id", id, "resolution", resolution, "error", err)
		if chat.KindOf(err) != chat.KindNotFound {
			err = errUnconfirmed
		}
		s.fail(w, r, err)
		return
	}

	http.Redirect(w, r, "/pipeline/letters/"+id, http.StatusSeeOther) // #nosec G710 -- a path of these pages
}
