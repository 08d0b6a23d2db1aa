package components

import (
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"parley/app/chat"
)

// Noun is a family of components with its examples: css/NAME.css is its style, and NAME its anchor in the gallery.
type Noun struct {
	Name     string
	In       Frame
	Examples []Example
}

// Example is a component in one of its states. The gallery shows all of them, and tests render them.
type Example struct {
	Of    string // the component's name
	State string
	templ.Component
}

// Frame is what components of a noun stand in.
type Frame string

const (
	InPlace Frame = ""     // nothing
	InLog   Frame = "log"  // rows of a conversation
	InRows  Frame = "rows" // rows of a card
	InSide  Frame = "side" // the column of conversations
)

// Examples is the registry: to show a component, add a line. Every exported component has one at least, or a test fails.
func Examples() []Noun {
	s := newSamples()
	return []Noun{
		{"icon", InPlace, []Example{
			{"Mark", "", Mark()},
			{"Icon", "search", Icon("search")},
			{"Icon", "talk", Icon("talk")},
			{"Icon", "find", Icon("find")},
			{"Icon", "account", Icon("account")},
			{"Icon", "pause", Icon("pause")},
			{"Icon", "up", Icon("up")},
			{"Icon", "down", Icon("down")},
			{"Icon", "send", Icon("send")},
			{"Icon", "alert", Icon("alert")},
			{"Drawing", "settled", Drawing(Settled)},
			{"Drawing", "waiting", Drawing(Waiting)},
			{"Drawing", "nothing", Drawing(Nothing)},
			{"Drawing", "pausing", Drawing(Pausing)},
			{"Drawing", "broken", Drawing(Broken)},
		}},
		{"receipt", InPlace, []Example{
			{"Ring", "", Ring()},
			{"Receipt", "pending", Receipt("pending", "Waiting for a connection")},
			{"Receipt", "sending", Receipt("sending", "Sending")},
			{"Receipt", "sent", Receipt("sent", "Sent")},
			{"Receipt", "stored", Receipt("stored", "Stored")},
			{"Receipt", "delivered", Receipt("delivered", "Delivered")},
			{"Receipt", "read", Receipt("read", "Read")},
		}},
		{"avatar", InPlace, []Example{
			{"Avatar", "small", Avatar(s.ida, "small", "")},
			{"Avatar", "plain", Avatar(s.ida, "", "")},
			{"Avatar", "large and online", Avatar(s.ida, "large", chat.Online)},
			{"Avatar", "large and offline", Avatar(s.omar, "large", chat.Offline)},
			{"Avatar", "large and unknown", Avatar(s.yael, "large", chat.PresenceUnknown)},
			{"Avatar", "huge", Avatar(s.ana, "huge", "")},
			{"Avatar", "without letters", Avatar(person(5, "🎹"), "large", "")},
		}},
		{"conversation", InSide, []Example{
			{"Conversation", "news", Conversation(s.conversation(s.ida, 3, s.from(s.ida, 4812, "Seven at the mooring, then. I’ll have the kettle on.")), s.noor, false)},
			{"Conversation", "open", Conversation(s.conversation(s.omar, 0, s.from(s.noor, 12, "Thank you, that settles it")), s.noor, true)},
			{"Conversation", "without messages", Conversation(s.conversation(s.yael, 0, nil), s.noor, false)},
			{"Conversation", "long name, many unread", Conversation(s.conversation(s.ana, 4000, s.from(s.ana, 9, longText)), s.noor, false)},
			{"Conversation", "right to left", Conversation(s.conversation(s.yael, 0, s.from(s.yael, 9, "נתראה ביום שלישי")), s.noor, false)},
			{"Conversations", "a page of them", Conversations([]chat.Conversation{
				s.conversation(s.ida, 1, s.from(s.ida, 2, "Second")), s.conversation(s.omar, 0, s.from(s.omar, 1, "First")),
			}, s.noor, uuid.Nil, "more", "")},
			{"Conversations", "none yet", Conversations(nil, s.noor, uuid.Nil, "", "")},
			{"Conversations", "none found", Conversations(nil, s.noor, uuid.Nil, "", "lock keeper")},
		}},
		{"message", InLog, []Example{
			{"Message", "first after a pause", Message(Row{Message: *s.from(s.ida, 1, "One message"), Pause: true})},
			{"Message", "and more", Message(Row{Message: *s.from(s.ida, 2, "and more, from the same person"), More: true})},
			{"Message", "lines and a long word", Message(Row{Message: *s.from(s.ida, 3, longText), More: true})},
			{"Message", "right to left", Message(Row{Message: *s.from(s.yael, 4, "שלום! נתראה ביום שלישי")})},
			{"Message", "emoji", Message(Row{Message: *s.from(s.ida, 5, "🎹")})},
			{"Message", "markup is text", Message(Row{Message: *s.from(s.ida, 6, `<b onclick="alert(1)">bold</b> &amp; so on`)})},
			{"Message", "mine, sent", Message(Row{Message: *s.from(s.noor, 0, "In the log: acknowledged, durable"), Mine: true})},
			{"Message", "mine, stored", Message(Row{Message: *s.from(s.noor, 7, "In the database, with a number"), Mine: true})},
			{"Message", "mine, delivered", Message(Row{Message: *s.from(s.noor, 8, "On their screen"), Mine: true, Delivered: 8})},
			{"Message", "mine, read", Message(Row{Message: *s.from(s.noor, 9, "Seen"), Mine: true, Delivered: 9, Read: 9})},
			{"Messages", "a day, and what is new", Messages(Lines([]chat.Message{
				*s.from(s.noor, 10, "Are you coming?"), *s.from(s.ida, 11, "On my way"),
			}, s.noor, chat.Member{Person: s.ida}, 10))},
			{"Unsent", "on its way", Unsent(s.noor)},
		}},
		{"composer", InPlace, []Example{
			{"Composer", "empty", Composer("#", s.ida.Name, Draft{ClientID: sampleID(70).String()})},
			{"Composer", "came back", Composer("#", s.ida.Name, Draft{Body: "Plan as I see it:\n1. Cast off\n2. Breakfast", ClientID: sampleID(71).String(),
				Problem: "Not sent. Your words are kept here."})},
		}},
		{"banner", InPlace, []Example{
			{"Banner", "hidden: all is well", Banner(nil, false)},
			{"Banner", "without the log", Banner([]string{"kafka"}, false)},
			{"Banner", "without the bus", Banner([]string{"redis"}, false)},
			{"Banner", "without the database", Banner([]string{"postgres"}, false)},
			{"Banner", "without a durable path", Banner([]string{"kafka", "postgres"}, false)},
		}},
		{"person", InRows, []Example{
			{"Friend", "online", Friend(chat.Friend{Person: s.ida, Presence: chat.Online})},
			{"Friend", "long name", Friend(chat.Friend{Person: s.ana, Presence: chat.Offline})},
		}},
	}
}

// samples are people who exist nowhere else. Their ids are fixed, so that a gallery looks the same every time.
type samples struct{ noor, ida, omar, yael, ana chat.Person }

func newSamples() samples {
	return samples{
		noor: person(0, "Noor Haddad"), ida: person(6, "Ida Brandt"), omar: person(2, "Omar Siddiqui"), yael: person(3, "יעל בר־לב"),
		ana: person(11, "Ana-Lucía Fernández de la Vega y Montoya-Wolfeschlegelsteinhausenbergerdorff"),
	}
}

const longText = "A third with two lines\nand averyverylongwordwithoutanyspaceswhichmustbreaksomewherebecausenoscreenisaswideasthisone"

// person's hue follows from n.
func person(n byte, name string) chat.Person { return chat.Person{ID: sampleID(n), Name: name} }

func sampleID(n byte) uuid.UUID { return uuid.UUID{0: 1, 6: 0x80, 8: 0x80, 15: n} }

func sampleTime() chat.Timestamp {
	return chat.Timestamp{Time: time.Date(2026, 11, 23, 14, 2, 0, 0, time.UTC)}
}

// from is a message; seq 0 has no number yet.
func (s samples) from(who chat.Person, seq int64, body string) *chat.Message {
	m := &chat.Message{ID: sampleID(byte(100 + seq%100)), ClientID: sampleID(99), Sender: who, Body: body, SentAt: sampleTime()}
	if seq > 0 {
		m.Seq = &seq
	}
	return m
}

// conversation is Noor's with a friend.
func (s samples) conversation(with chat.Person, unread int64, last *chat.Message) chat.Conversation {
	c := chat.Conversation{ID: sampleID(with.ID[15] + 20), Title: with.Name, Unread: unread, LastMessage: last, CreatedAt: sampleTime(), Writable: true}
	c.Members = []chat.Member{{Person: s.noor}, {Person: with}}
	return c
}
