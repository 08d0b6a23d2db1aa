package admin

import (
	"context"
	"net/http"
	"time"

	"parley/app/chat"
	pages "parley/views/admin"
)

// settleTimeout bounds a decision: the topic is read again, and one or two records are acknowledged.
const settleTimeout = 4 * time.Second

func (s *Server) showLetter(w http.ResponseWriter, r *http.Request) {
	d, err := s.collector.letter(r.Context(), r.PathValue("id"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, pages.DeadLetter(s.page("Dead letter "+d.ID+" · Pipeline"), d, s.options.ShowText))
}

// settleLetter does what was decided, and shows its effect. Decided twice it is done once: the second finds it settled. The decision outlives whoever
// asked for it, so that a closed tab doesn't leave it half done.
func (s *Server) settleLetter(w http.ResponseWriter, r *http.Request) {
	id, how := r.PathValue("id"), r.PathValue("how")
	if how != Replay && how != Discard {
		s.fail(w, r, errNoPage)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), settleTimeout)
	defer cancel()
	err := s.parts.ResolveDeadLetter(ctx, id, how)
	s.collector.letters.forget()
	if err != nil {
		s.options.Logger.Warn("dead letter not settled", "letter", id, "how", how, "error", err)
		if chat.KindOf(err) != chat.KindNotFound {
			err = errUnsettled
		}
		s.fail(w, r, err)
		return
	}
	s.options.Logger.Info("dead letter settled by an operator", "letter", id, "how", how)
	http.Redirect(w, r, "/pipeline/letters/"+id, http.StatusSeeOther) // #nosec G710 -- a path of this page, whatever the id
}
