package components

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// samples are the people of the examples. Their ids are fixed, so the gallery looks
// the same every time.
type samples struct {
	noor, ida, omar, yael, ana chat.Person
	request                    uuid.UUID
}

func newSamples() samples {
	return samples{
		noor:    samplePerson(0, "Noor Haddad"),
		ida:     samplePerson(6, "Ida Brandt"),
		omar:    samplePerson(2, "Omar Siddiqui"),
		yael:    samplePerson(3, "יעל בר־לב"),
		ana:     samplePerson(11, "Ana-Lucía Fernández de la Vega y Montoya-Wolfeschlegelsteinhausenbergerdorff"),
		request: sampleID(79),
	}
}

const longText = "A third with two lines\n" +
	"and averyverylongwordwithoutanyspaceswhichmustbreaksomewherebecausenoscreenisaswideasthisone"

// samplePerson returns a person whose hue follows from n.
func samplePerson(n byte, name string) chat.Person { return chat.Person{ID: sampleID(n), Name: name} }

func sampleID(n byte) uuid.UUID { return uuid.UUID{0: 1, 6: 0x80, 8: 0x80, 15: n} }

func sampleTime() chat.Timestamp {
	return chat.Timestamp{Time: time.Date(2026, 11, 23, 14, 2, 0, 0, time.UTC)}
}

// message returns a message. With seq 0 it isn't stored yet.
func (s samples) message(by chat.Person, seq int64, body string) *chat.Message {
	m := &chat.Message{
		ID:       sampleID(byte(100 + seq%100)),
		ClientID: sampleID(99),
		Sender:   by,
		Body:     body,
		SentAt:   sampleTime(),
	}
	if seq > 0 {
		m.Seq = &seq
	}

	return m
}

// conversation returns one of Noor's conversations.
func (s samples) conversation(with chat.Person, unread int64, last *chat.Message) chat.Conversation {
	return chat.Conversation{
		ID:          sampleID(with.ID[15] + 20),
		Title:       with.Name,
		Unread:      unread,
		LastMessage: last,
		CreatedAt:   sampleTime(),
		Writable:    true,
		Members:     []chat.Member{{Person: s.noor}, {Person: with}},
	}
}

func (s samples) agreed(with chat.Person) chat.Conversation {
	return s.conversation(with, 0, s.message(with, 3, "Good. Then we are agreed."))
}

func (s samples) online(with chat.Person) chat.Conversation {
	c := s.agreed(with)
	c.Members[1].Presence = chat.Online
	return c
}

func (s samples) drafted(with chat.Person, body string) chat.Conversation {
	c := s.agreed(with)
	c.Draft.Body = body
	return c
}

func (s samples) withReturned(with chat.Person) chat.Conversation {
	c := s.agreed(with)
	c.Returned = true
	return c
}

// arranged sets the named states of a conversation.
func (s samples) arranged(c chat.Conversation, states string) chat.Conversation {
	for state := range strings.FieldsSeq(states) {
		switch state {
		case "pinned":
			c.Pinned = true
		case "muted":
			c.Muted = true
		case "archived":
			c.Archived = true
		}
	}
	c.LastSeq = 9
	return c
}

// reached returns a conversation whose last message is Noor's, with the other's marks.
func (s samples) reached(with chat.Person, delivered, read int64) chat.Conversation {
	c := s.conversation(with, 0, s.message(s.noor, 9, "Seven, then"))
	c.Members[1].DeliveredSeq, c.Members[1].ReadSeq = &delivered, &read
	return c
}

// archived returns a list beside an archive of n conversations, with a further page.
func (s samples) archived(n int64, conversations ...chat.Conversation) ConversationList {
	l := s.list(conversations...)
	l.Archived = n
	if len(conversations) > 0 {
		l.Next = "next"
	}
	return l
}

func (s samples) archive(conversations ...chat.Conversation) ConversationList {
	l := s.list(conversations...)
	l.Archive = true
	return l
}

// list returns a list of Noor's.
func (s samples) list(conversations ...chat.Conversation) ConversationList {
	return ConversationList{Conversations: conversations, Viewer: s.noor, Zone: time.UTC}
}

// listAt returns a list whose open conversation is the one with a friend.
func (s samples) listAt(with chat.Person) ConversationList {
	l := s.list()
	l.Current = s.conversation(with, 0, nil).ID
	return l
}

func (s samples) filtered(text string) ConversationList {
	l := s.list()
	l.Filter = text
	return l
}

func (s samples) found(p chat.Person, state, query string) PersonRow {
	at := sampleTime().Time
	view := chat.PersonView{Person: p, State: state, RequestID: &s.request, JoinedAt: at, ChangedAt: at}
	return PersonRow{PersonView: view, Query: query, Now: at, Zone: time.UTC}
}

// carded returns a person as their card shows them.
func (s samples) carded(p chat.Person, state string) PersonRow {
	row := s.found(p, state, "")
	row.Look = "primary"
	if state == chat.StateFriends || state == chat.StateBlocked {
		row.ConversationID = &s.request
	}
	return row
}

func (s samples) requested(p chat.Person, state string) RequestRow {
	at := sampleTime()
	request := chat.Request{ID: sampleID(p.ID[15] + 60), Person: p, State: state, CreatedAt: at}
	return RequestRow{Request: request, Now: at.Time, Zone: time.UTC}
}
