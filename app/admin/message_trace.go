package admin

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/status"
	views "parley/views/admin"
)

// findMessage redirects from the form to the message's page, so that the page has an
// address.
func (s *Server) findMessage(w http.ResponseWriter, r *http.Request) {
	text := strings.TrimSpace(r.URL.Query().Get("id"))
	id, err := uuid.Parse(text)
	if err != nil {
		s.render(w, r, http.StatusUnprocessableEntity, views.MessageNotFound(s.page("No such message · Pipeline"), text,
			"That is no message’s id: those look like 019ab8f2-5d3c-8a41-9c07-3f5e8d2b6a10."))
		return
	}
	http.Redirect(w, r, "/pipeline/messages/"+id.String(), http.StatusSeeOther) // #nosec G710 -- the id was parsed
}

func (s *Server) showMessageTrace(w http.ResponseWriter, r *http.Request) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		s.fail(w, r, errNoPage)
		return
	}

	// The reading isn't cached, only bounded.
	reading := newCachedReading(0, func(ctx context.Context) (status.MessageTrace, error) {
		return s.backend.MessageTrace(ctx, id)
	}).get(r.Context())

	switch {
	case chat.KindOf(reading.Err) == chat.KindNotFound:
		s.render(w, r, http.StatusNotFound, views.MessageNotFound(s.page("No such message · Pipeline"), id.String(),
			"Nobody knows this message: it isn’t stored, and no replica noted it in the last hour."))
	case reading.Err != nil:
		s.fail(w, r, reading.Err)
	default:
		s.render(w, r, http.StatusOK, views.MessageTrace(s.page("Message · Pipeline"), traceView(reading.Value)))
	}
}

// traceView renders a trace as hops with English details, in the order of a message's
// path.
func traceView(t status.MessageTrace) views.Trace {
	v := views.Trace{
		ID:           t.ID.String(),
		Conversation: idOrUnknown(t.Conversation),
		Sender:       idOrUnknown(t.Sender),
		SentAt:       t.SentAt,
		TraceID:      t.TraceID,
		Unknown:      t.Unknown,
	}
	if !t.Noted {
		v.Unknown = append(v.Unknown, "Replicas note when and by whom a message was accepted, published, delivered "+
			"and stored, and keep that for an hour. There are no notes of this one")
	}

	v.Hops = []views.TraceHop{acceptedHop(t), logHop(t), publishedHop(t)}
	for _, d := range t.Deliveries {
		v.Hops = append(v.Hops, views.TraceHop{
			Name:   "Delivered",
			Detail: fmt.Sprintf("by %s, to streams: %d", d.Replica, d.Streams),
			At:     d.At,
			State:  "delivered",
			Known:  true,
		})
	}

	v.Hops = append(v.Hops, storedHop(t))
	for _, m := range t.Marks {
		v.Hops = append(v.Hops, markHop(m, t))
	}

	return v
}

func acceptedHop(t status.MessageTrace) views.TraceHop {
	h := views.TraceHop{
		Name:   "Accepted",
		Detail: "by a replica that isn’t known any more",
		At:     t.AcceptedAt,
		State:  "pending",
		Known:  t.AcceptedBy != "" || !t.AcceptedAt.IsZero(),
	}
	if t.AcceptedBy != "" {
		h.Detail = "by " + t.AcceptedBy
	}

	return h
}

func logHop(t status.MessageTrace) views.TraceHop {
	h := views.TraceHop{
		Name:   "In the log",
		Detail: "it never was there, or that isn’t known",
		At:     t.LoggedAt,
		State:  "sent",
		Known:  t.Offset != nil,
	}

	switch {
	case t.InLog:
		h.Detail = fmt.Sprintf("partition %d, offset %d", t.Partition, *t.Offset)
	case t.Offset != nil:
		h.Detail = fmt.Sprintf("it was at offset %d; its record was not found there", *t.Offset)
	}

	return h
}

func publishedHop(t status.MessageTrace) views.TraceHop {
	return views.TraceHop{
		Name:   "Published",
		Detail: "to the members’ channels",
		At:     t.PublishedAt,
		State:  "sent",
		Known:  !t.PublishedAt.IsZero(),
	}
}

func storedHop(t status.MessageTrace) views.TraceHop {
	h := views.TraceHop{
		Name:   "Stored",
		Detail: "not yet, or not known",
		At:     t.StoredAt,
		State:  "stored",
		Known:  t.Stored,
	}
	if t.Stored {
		h.Detail = fmt.Sprintf("as number %d of its conversation", t.Seq)
		if t.StoredBy != "" {
			h.Detail += ", by " + t.StoredBy
		}
	}

	return h
}

// markHop has no time, because the time at which a mark moved isn't stored.
func markHop(m status.Mark, t status.MessageTrace) views.TraceHop {
	person := m.Person.String()
	h := views.TraceHop{
		Name:   "On the other page",
		Detail: person + " has not had it yet",
		State:  "pending",
	}

	switch {
	case m.Read == nil || m.Delivered == nil:
		h.Detail = person + " doesn’t show what they have read"
	case t.Stored && *m.Read >= t.Seq:
		h.Name, h.Detail, h.State, h.Known = "Read", "by "+person, "read", true
	case t.Stored && *m.Delivered >= t.Seq:
		h.Detail, h.State, h.Known = person+" has it, and has not read it", "delivered", true
	}

	return h
}

func idOrUnknown(id uuid.UUID) string {
	if id == uuid.Nil {
		return "not known"
	}
	return id.String()
}
