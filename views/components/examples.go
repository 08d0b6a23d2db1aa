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
	Name  string // the component's name
	State string
	templ.Component
}

// Frame is what components of a noun stand in.
type Frame string

const (
	InPlace Frame = ""      // nothing
	InLog   Frame = "log"   // rows of a conversation
	InRows  Frame = "rows"  // rows of a card
	InSide  Frame = "side"  // the column of conversations
	InStack Frame = "stack" // a list of cards
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
		{"base", InPlace, []Example{
			{"Words", "with a link", MessageText("See https://example.org/locks, please")},
		}},
		{"status", InPlace, []Example{
			{"Status", "well", Status("good", "Ready")},
			{"Status", "gone wrong", Status("bad", "Does not answer")},
			{"Status", "neither", Status("", "Draining")},
		}},
		{"pipeline_steps", InPlace, []Example{
			{"Path", "with a part away", PipelineSteps(s.steps())},
		}},
		{"stat_card", InPlace, []Example{
			{"Tile", "with a history", StatCard(Stat{"Into the log", "412", "messages/s", "All replicas together", []float64{240, 380, 300, 480, 412}})},
			{"Tile", "without one", StatCard(Stat{"On their way", "–", "messages", "Kafka does not answer", nil})},
			{"Spark", "", Sparkline([]float64{3, 1, 4, 1, 5}, "messages/s")},
		}},
		{"table", InPlace, []Example{
			{"Bar", "a third", Bar(.33)},
		}},
		{"badge", InPlace, []Example{
			{"RequestBadge", "two wait", RequestBadge(2, false)},
			{"RequestBadge", "hidden: none waits", RequestBadge(0, false)},
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
			{"Conversation", "news", Conversation(s.conversation(s.ida, 3, s.from(s.ida, 4812, "Seven at the mooring, then. I’ll have the kettle on.")), s.list())},
			{"Conversation", "open", Conversation(s.conversation(s.omar, 0, s.from(s.noor, 12, "Thank you, that settles it")), s.listAt(s.omar))},
			{"Conversation", "without messages", Conversation(s.conversation(s.yael, 0, nil), s.list())},
			{"Conversation", "online", Conversation(s.online(s.ida), s.list())},
			{"Conversation", "with a draft", Conversation(s.drafted(s.omar, "About the lock keeper…"), s.list())},
			{"Conversation", "with a message that came back", Conversation(s.withReturned(s.omar), s.list())},
			{"Conversation", "found", Conversation(s.conversation(s.ida, 0, s.from(s.ida, 9, "The lock keeper laughed for a while")), s.filtered("lock"))},
			{"Conversation", "long name, many unread", Conversation(s.conversation(s.ana, 4000, s.from(s.ana, 9, longText)), s.list())},
			{"Conversation", "right to left", Conversation(s.conversation(s.yael, 0, s.from(s.yael, 9, "נתראה ביום שלישי")), s.list())},
			{"Conversations", "a page of them", Conversations(s.list(s.conversation(s.ida, 1, s.from(s.ida, 2, "Second")), s.conversation(s.omar, 0, s.from(s.omar, 1, "First"))))},
			{"Conversations", "none yet", Conversations(s.list())},
			{"Conversations", "none found", Conversations(s.filtered("lock keeper"))},
			{"Counts", "hidden, for the script", Counts(chat.Counts{Unread: 3, Requests: 1}, 0, false)},
		}},
		{"message", InLog, []Example{
			{"Message", "first after a pause", Message(MessageRow{Message: *s.from(s.ida, 1, "One message"), ShowTime: true})},
			{"Message", "and more", Message(MessageRow{Message: *s.from(s.ida, 2, "and more, from the same person"), Grouped: true})},
			{"Message", "lines and a long word", Message(MessageRow{Message: *s.from(s.ida, 3, longText), Grouped: true})},
			{"Message", "right to left", Message(MessageRow{Message: *s.from(s.yael, 4, "שלום! נתראה ביום שלישי")})},
			{"Message", "emoji", Message(MessageRow{Message: *s.from(s.ida, 5, "🎹")})},
			{"Message", "markup is text", Message(MessageRow{Message: *s.from(s.ida, 6, `<b onclick="alert(1)">bold</b> &amp; so on`)})},
			{"Message", "mine, sent", Message(MessageRow{Message: *s.from(s.noor, 0, "In the log: acknowledged, durable"), Mine: true})},
			{"Message", "mine, stored", Message(MessageRow{Message: *s.from(s.noor, 7, "In the database, with a number"), Mine: true})},
			{"Message", "mine, delivered", Message(MessageRow{Message: *s.from(s.noor, 8, "On their screen"), Mine: true, Delivered: 8})},
			{"Message", "mine, read", Message(MessageRow{Message: *s.from(s.noor, 9, "Seen"), Mine: true, Delivered: 9, Read: 9})},
			{"Messages", "a day, and what is new", Messages(Lines([]chat.Message{
				*s.from(s.noor, 10, "Are you coming?"), *s.from(s.ida, 11, "On my way"),
			}, LogView{Viewer: s.noor, Peer: chat.Member{Person: s.ida}, Seen: 10, Zone: time.UTC, Now: sampleTime().Time}))},
			{"Message", "with a link", Message(MessageRow{Message: *s.from(s.ida, 12, "There are seven of them: https://example.org/locks/marsworth.")})},
			{"Unsent", "on its way", UnsentRow(s.noor)},
			{"Returned", "can’t be stored", Returned(ReturnedRow{MessageRow: MessageRow{Message: *s.from(s.noor, 0, "This one was taken, and then refused")}, Reason: "It has characters that can’t be kept.", Writable: true})},
			{"Typing", "shown while somebody writes", Typing(s.ida.Name)},
		}},
		{"composer", InPlace, []Example{
			{"Composer", "empty", Composer("#", s.ida.Name, Draft{ClientID: sampleID(70).String()})},
			{"Composer", "came back", Composer("#", s.ida.Name, Draft{Body: "Plan as I see it:\n1. Cast off\n2. Breakfast", ClientID: sampleID(71).String(),
				Problem: "Not sent. Your words are kept here."})},
			{"Closed", "not friends any more", ReadOnlyComposer(chat.PersonView{Person: s.ida, State: chat.StateNone}, "")},
			{"Closed", "asked again", ReadOnlyComposer(chat.PersonView{Person: s.ida, State: chat.StateRequested}, "")},
			{"Closed", "asked by them", ReadOnlyComposer(chat.PersonView{Person: s.ida, State: chat.StateIncoming, RequestID: &s.request}, "")},
			{"Closed", "blocked", ReadOnlyComposer(chat.PersonView{Person: s.ida, State: chat.StateBlocked}, "")},
			{"Closed", "with somebody who is gone", ReadOnlyComposer(chat.PersonView{Person: chat.Person{Name: "Deleted person"}}, "")},
		}},
		{"banner", InPlace, []Example{
			{"Banner", "hidden: all is well", Banner(nil, false)},
			{"Banner", "without the log", Banner([]string{"kafka"}, false)},
			{"Banner", "without the bus", Banner([]string{"redis"}, false)},
			{"Banner", "without the database", Banner([]string{"postgres"}, false)},
			{"Banner", "without the log and the bus", Banner([]string{"redis", "kafka"}, false)},
			{"Banner", "without a live path", Banner([]string{"postgres", "redis"}, false)},
			{"Banner", "without a durable path", Banner([]string{"postgres", "kafka"}, false)},
		}},
		{"person", InRows, []Example{
			{"Person", "a stranger, found", Person(s.found(s.ana, chat.StateNone, "mont"))},
			{"Person", "asked", Person(s.found(s.omar, chat.StateRequested, "om"))},
			{"Person", "asking", Person(s.found(s.yael, chat.StateIncoming, "יע"))},
			{"Person", "a friend", Person(s.found(s.ida, chat.StateFriends, "id"))},
			{"Person", "blocked", Person(s.found(s.omar, chat.StateBlocked, ""))},
			{"Friend", "online", Friend(chat.Friend{Person: s.ida, Presence: chat.Online})},
			{"Friend", "long name", Friend(chat.Friend{Person: s.ana, Presence: chat.Offline})},
			{"BlockedPerson", "", BlockedPerson(s.omar)},
			{"PersonActions", "items of a menu", PersonActions(s.ida, true, true, "")},
		}},
		{"menu", InPlace, []Example{
			{"PersonMenu", "of a friend", PersonMenu(s.ida, true, "")},
			{"PersonMenu", "of somebody else", PersonMenu(s.omar, false, "")},
			{"Act", "a button that does one thing", ActionButton(Action{To: "#", Name: "Add friend", Icon: "find"})},
		}},
		{"request", InStack, []Example{
			{"Request", "waiting", Request(s.requested(s.yael, chat.RequestPending))},
			{"Request", "long name", Request(s.requested(s.ana, chat.RequestPending))},
			{"Request", "accepted", Request(s.requested(s.ida, chat.RequestAccepted))},
			{"Request", "declined", Request(s.requested(s.omar, chat.RequestDeclined))},
			{"OwnRequest", "", OwnRequest(s.requested(s.omar, chat.RequestPending))},
		}},
		{"toast", InPlace, []Example{
			{"Toasts", "where they appear", Toasts()},
			{"Toast", "of a person", Toast(s.yael, s.yael.Name, "wants to be friends", "/requests", "Answer")},
			{"RequestNews", "of a request", RequestUpdate(chat.RequestEvent{Request: chat.RequestChange{ID: sampleID(80), Person: s.ana, State: chat.RequestPending}, Incoming: 1})},
			{"FriendNews", "of a friend", FriendUpdate(chat.FriendEvent{Person: s.ida, State: chat.StateFriends, ConversationID: &s.request})},
		}},
		{"header", InPlace, []Example{
			{"Active", "now", Active(chat.Member{Person: s.ida, Presence: chat.Online}, time.UTC)},
			{"Active", "nobody can tell", Active(chat.Member{Person: s.ida, Presence: chat.PresenceUnknown}, time.UTC)},
		}},
		{"settings", InPlace, []Example{
			{"Settings", "a section", SettingsSection("sample", "Appearance", "Kept with your account, on every device.", SectionStatus("sample", SaveResult{Section: "sample"}))},
			{"SavedAt", "refused", SectionStatus("zone", SaveResult{Section: "zone", Problem: "There is no such time zone."})},
			{"Saved", "", SaveStatus("Saved", true)},
			{"Choosing", "", AutoSaveForm("appearance", "card pad")},
			{"Theme", "chosen", ThemeChoice("dark", "Dark", "dark")},
			{"Theme", "as the device", ThemeChoice("system", "As my device", "dark")},
		}},
		{"switch", InRows, []Example{
			{"Sharing", "on", SharingSwitch("share_read", "Tell others when I have read", "Without it, rings stop at Delivered.", true)},
			{"Sharing", "off", SharingSwitch("share_typing", "Show when I am writing", "Nothing of the text is sent before you send it.", false)},
			{"Session", "this one", Session(SessionRow{Session: chat.Session{ID: sampleID(81), Device: firefox}, Current: true, LastUsed: "now"})},
			{"Session", "another", Session(SessionRow{Session: chat.Session{ID: sampleID(82), Device: iPhone}, LastUsed: "20 minutes ago"})},
		}},
	}
}

// samples are people who exist nowhere else. Their ids are fixed, so that a gallery looks the same every time.
type samples struct {
	noor, ida, omar, yael, ana chat.Person
	request                    uuid.UUID
}

func newSamples() samples {
	return samples{
		noor: person(0, "Noor Haddad"), ida: person(6, "Ida Brandt"), omar: person(2, "Omar Siddiqui"), yael: person(3, "יעל בר־לב"),
		ana:     person(11, "Ana-Lucía Fernández de la Vega y Montoya-Wolfeschlegelsteinhausenbergerdorff"),
		request: sampleID(79),
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

func (s samples) online(with chat.Person) chat.Conversation {
	c := s.conversation(with, 0, s.from(with, 3, "Good. Then we are agreed."))
	c.Members[1].Presence = chat.Online
	return c
}

func (s samples) drafted(with chat.Person, body string) chat.Conversation {
	c := s.conversation(with, 0, s.from(with, 3, "Good. Then we are agreed."))
	c.Draft.Body = body
	return c
}

func (s samples) withReturned(with chat.Person) chat.Conversation {
	c := s.conversation(with, 0, s.from(with, 3, "Good. Then we are agreed."))
	c.Returned = true
	return c
}

// steps are a message's way while Postgres is away.
func (s samples) steps() []PipelineStep {
	return []PipelineStep{
		{Name: "Browsers", Detail: "post and listen", Figure: "18,204", Unit: "streams", State: "pending"},
		{Name: "Replicas", Detail: "2 ready, 1 draining", Figure: "412", Unit: "messages/s", State: "pending"},
		{Name: "Log", Detail: "Kafka, 3 partitions", Figure: "1,284", Unit: "records", State: "sent"},
		{Name: "Bus", Detail: "Redis 8.2.1", Figure: "0.2", Unit: "ms to answer", State: "sent", Branch: true},
		{Name: "Screens", Detail: "through 3 hubs", Figure: "9,310", Unit: "people", State: "delivered", Branch: true},
		{Name: "Writer", Detail: "3 members of the group", Figure: "36", Unit: "waiting", State: "sent"},
		{Name: "Database", Detail: "Postgres does not answer", Figure: "–", State: "stored", Down: true},
	}
}

// list is a part of Noor's.
func (s samples) list(conversations ...chat.Conversation) ConversationList {
	return ConversationList{Conversations: conversations, Viewer: s.noor, Zone: time.UTC}
}

// listAt has the conversation with a friend open, filtered is searched.
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
	return PersonRow{PersonView: chat.PersonView{Person: p, State: state, RequestID: &s.request, JoinedAt: at, ChangedAt: at}, Query: query, Now: at, Zone: time.UTC}
}

func (s samples) requested(p chat.Person, state string) RequestRow {
	return RequestRow{Request: chat.Request{ID: sampleID(p.ID[15] + 60), Person: p, State: state, CreatedAt: sampleTime()}, Now: sampleTime().Time, Zone: time.UTC}
}

// What browsers call themselves.
const (
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	iPhone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1"
)
