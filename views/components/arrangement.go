package components

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"parley/app/chat"
)

// arrangementForm is a form that changes how a conversation is arranged.
type arrangementForm struct {
	Route  string      // the last segment of its address
	Fields [][2]string // names and values; an empty seq stands for that of the last message
	Icon   string
	Word   string
	When   string // the state in which it is offered, or "!" and the state in which it is not
}

// allArrangementForms are in the order of a menu. Of two that undo each other, one is
// offered.
var allArrangementForms = []arrangementForm{
	{"unread", [][2]string{{"seq", ""}}, "talk", "Mark as unread", "!unread"},
	{"read", [][2]string{{"seq", ""}}, "check", "Mark as read", "unread"},
	{"pin", [][2]string{{"on", "true"}}, "up", "Pin", "!pinned"},
	{"pin", [][2]string{{"on", "false"}}, "up", "Unpin", "pinned"},
	{"notify", [][2]string{{"mute", "always"}}, "block", "Mute", "!muted"},
	{"notify", [][2]string{{"mute", "off"}, {"level", "all"}}, "block", "Unmute", "muted"},
	{"archive", [][2]string{{"on", "true"}}, "request", "Archive", "!archived"},
	{"archive", [][2]string{{"on", "false"}}, "request", "Back to the list", "archived"},
}

// arrangementForms are those that a conversation's state offers. An empty conversation has
// nothing to mark.
func arrangementForms(c chat.Conversation) (forms []arrangementForm) {
	states := strings.Fields(arrangementStates(c, c.Unread > 0))
	for _, f := range allArrangementForms {
		state, without := strings.CutPrefix(f.When, "!")
		if slices.Contains(states, state) == without {
			continue
		}
		if f.Fields[0][0] == "seq" {
			if c.LastSeq == 0 {
				continue
			}
			f.Fields = [][2]string{{"seq", strconv.FormatInt(c.LastSeq, 10)}}
		}
		forms = append(forms, f)
	}
	return forms
}

// arrangementStates are the states of a conversation that a menu asks for: "unread",
// "pinned", "muted", "archived". The script knows by a row's badge that it is unread.
func arrangementStates(c chat.Conversation, unread bool) string {
	var states []string
	for _, s := range []struct {
		name string
		is   bool
	}{{"unread", unread}, {"pinned", c.Pinned}, {"muted", c.Muted}, {"archived", c.Archived}} {
		if s.is {
			states = append(states, s.name)
		}
	}
	return strings.Join(states, " ")
}

// lastMessageRow is the viewer's own last message with the other person's marks.
func lastMessageRow(c chat.Conversation, viewer chat.Person) MessageRow {
	row := MessageRow{Message: *c.LastMessage, Mine: true}
	peer := c.Peer(viewer.ID)
	if peer.ReadSeq != nil {
		row.Read = *peer.ReadSeq
	}
	if peer.DeliveredSeq != nil {
		row.Delivered = *peer.DeliveredSeq
	}
	return row
}

func joinIDs(ids []uuid.UUID) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return strings.Join(texts, " ")
}
