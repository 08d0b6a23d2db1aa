package admin

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/status"
	pages "parley/views/admin"
)

// findMessage leads from the form to the page, so that the page has an address.
func (s *Server) findMessage(w http.ResponseWriter, r *http.Request) {
	text := strings.TrimSpace(r.URL.Query().Get("id"))
	id, err := uuid.Parse(text)
	if err != nil {
		s.render(w, r, http.StatusUnprocessableEntity, pages.MessageNotFound(s.page("No such message · Pipeline"), text, "That is no message’s id: those look like 019ab8f2-5d3c-8a41-9c07-3f5e8d2b6a10."))
		return
	}
	http.Redirect(w, r, "/pipeline/messages/"+id.String(), http.StatusSeeOther) // #nosec G710 -- a path of this page; the id was parsed
}

func (s *Server) showMessage(w http.ResponseWriter, r *http.Request) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		s.fail(w, r, errNoPage)
		return
	}
	found := newBox(0, func(ctx context.Context) (status.MessageTrace, error) { return s.parts.Message(ctx, id) }).get(r.Context())
	switch {
	case chat.KindOf(found.Err) == chat.KindNotFound:
		s.render(w, r, http.StatusNotFound, pages.MessageNotFound(s.page("No such message · Pipeline"), id.String(), "Nobody knows this message: it isn’t stored, and no replica noted it in the last hour."))
	case found.Err != nil:
		s.fail(w, r, found.Err)
	default:
		s.render(w, r, http.StatusOK, pages.MessageTrace(s.page("Message · Pipeline"), tell(found.Value)))
	}
}

// tell puts a trace into words, in the order of a message's way.
func tell(t status.MessageTrace) pages.Trace {
	p := pages.Trace{ID: t.ID.String(), Conversation: known(t.Conversation), Sender: known(t.Sender), SentAt: t.SentAt, TraceID: t.TraceID, Unknown: t.Unknown}
	if !t.Noted {
		p.Unknown = append(p.Unknown, "Replicas note when and by whom a message was accepted, published, delivered and stored, and keep that for an hour. There are no notes of this one")
	}
	p.Hops = []pages.TraceHop{
		{Name: "Accepted", Detail: by(t.AcceptedBy, "by a replica that isn’t known any more"), At: t.AcceptedAt, State: "pending", Known: t.AcceptedBy != "" || !t.AcceptedAt.IsZero()},
		logHop(t),
		{Name: "Published", Detail: "to the members’ channels", At: t.PublishedAt, State: "sent", Known: !t.PublishedAt.IsZero()},
	}
	for _, d := range t.Deliveries {
		p.Hops = append(p.Hops, pages.TraceHop{Name: "Delivered", Detail: fmt.Sprintf("by %s, to streams: %d", d.Replica, d.Streams), At: d.At, State: "delivered", Known: true})
	}
	stored := pages.TraceHop{Name: "Stored", Detail: "not yet, or not known", At: t.StoredAt, State: "stored", Known: t.Stored}
	if t.Stored {
		stored.Detail = fmt.Sprintf("as number %d of its conversation", t.Seq)
		if t.StoredBy != "" {
			stored.Detail += ", by " + t.StoredBy
		}
	}
	p.Hops = append(p.Hops, stored)
	for _, m := range t.Marks {
		p.Hops = append(p.Hops, markHop(m, t))
	}
	return p
}

func logHop(t status.MessageTrace) pages.TraceHop {
	h := pages.TraceHop{Name: "In the log", Detail: "it never was there, or that isn’t known", At: t.LoggedAt, State: "sent", Known: t.Offset != nil}
	switch {
	case t.InLog:
		h.Detail = fmt.Sprintf("partition %d, offset %d", t.Partition, *t.Offset)
	case t.Offset != nil:
		h.Detail = fmt.Sprintf("it was at offset %d; its record was not found there", *t.Offset)
	}
	return h
}

// markHop: when a mark moved isn't kept.
func markHop(m status.Mark, t status.MessageTrace) pages.TraceHop {
	h := pages.TraceHop{Name: "On the other page", Detail: m.Person.String() + " has not had it yet", At: time.Time{}, State: "pending"}
	switch {
	case m.Read == nil || m.Delivered == nil:
		h.Detail = m.Person.String() + " doesn’t show what they have read"
	case t.Stored && *m.Read >= t.Seq:
		h.Name, h.Detail, h.State, h.Known = "Read", "by "+m.Person.String(), "read", true
	case t.Stored && *m.Delivered >= t.Seq:
		h.Detail, h.State, h.Known = m.Person.String()+" has it, and has not read it", "delivered", true
	}
	return h
}

func known(id uuid.UUID) string {
	if id == uuid.Nil {
		return "not known"
	}
	return id.String()
}

func by(replica, otherwise string) string {
	if replica == "" {
		return otherwise
	}
	return "by " + replica
}
