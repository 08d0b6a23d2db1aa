package components

import (
	"time"

	"parley/app/chat"
)

func conversationExamples(s samples) []Example {
	row := func(state string, c chat.Conversation, l ConversationList) Example {
		return Example{"Conversation", state, Conversation(c, l)}
	}
	last := func(by chat.Person, unread, seq int64, body string) chat.Conversation {
		return s.conversation(by, unread, s.message(by, seq, body))
	}
	list := s.list()
	return []Example{
		row("news", last(s.ida, 3, 4812, "Seven at the mooring, then. I’ll have the kettle on."), list),
		row("open", s.conversation(s.omar, 0, s.message(s.noor, 12, "Thank you, that settles it")), s.listAt(s.omar)),
		row("without messages", s.conversation(s.yael, 0, nil), list),
		row("online", s.online(s.ida), list),
		row("with a draft", s.drafted(s.omar, "About the lock keeper…"), list),
		row("with a message that came back", s.withReturned(s.omar), list),
		row("pinned and muted", s.arranged(last(s.omar, 4, 12, "Nothing that can’t wait"), "pinned muted"), list),
		row("archived, found", s.arranged(last(s.ida, 0, 9, "The lock keeper laughed"), "archived"), s.filtered("lock")),
		row("mine, sent", last(s.noor, 0, 0, "On its way"), list),
		row("mine, stored", s.reached(s.ida, 0, 0), list),
		row("mine, delivered", s.reached(s.ida, 9, 0), list),
		row("mine, read", s.reached(s.ida, 9, 9), list),
		row("found", last(s.ida, 0, 9, "The lock keeper laughed for a while"), s.filtered("lock")),
		row("long name, many unread", last(s.ana, 4000, 9, longText), list),
		row("right to left", last(s.yael, 0, 9, "נתראה ביום שלישי"), list),
		{"Conversations", "a page of them", Conversations(s.list(last(s.ida, 1, 2, "Second"), last(s.omar, 0, 1, "First")))},
		{"Conversations", "with an archive, and older ones", Conversations(s.archived(3, last(s.ida, 1, 2, "Second")))},
		{"Conversations", "the archive", Conversations(s.archive(s.arranged(last(s.omar, 2, 1, "First"), "archived muted")))},
		{"Conversations", "an empty archive", Conversations(s.archive())},
		{"Conversations", "all archived", Conversations(s.archived(3))},
		{"ConversationRows", "further ones", within(rowList, "</ul>", ConversationRows(s.list(last(s.yael, 0, 3, "Long ago"))))},
		{"ArrangementItems", "in the list", within("<ul>", "</ul>", ArrangementItems(last(s.ida, 0, 9, "Read"), ""))},
		{"ArrangementItems", "unread, pinned, muted, archived", within("<ul>", "</ul>", ArrangementItems(
			s.arranged(last(s.ida, 2, 9, "Not read"), "pinned muted archived"), ""))},
		{"RowMenu", "of the list’s rows, filled in by the script", RowMenu()},
		{"Conversations", "none yet", Conversations(list)},
		{"Conversations", "none found", Conversations(s.filtered("lock keeper"))},
		{"Counts", "hidden, for the script", Counts(chat.Counts{Unread: 3}, false)},
	}
}

func messageExamples(s samples) []Example {
	row := func(state string, r MessageRow) Example { return Example{"Message", state, Message(r)} }
	from := func(by chat.Person, seq int64, body string) MessageRow {
		return MessageRow{Message: *s.message(by, seq, body)}
	}
	grouped := func(r MessageRow) MessageRow { r.Grouped = true; return r }
	mine := func(seq int64, body string, delivered, read int64) MessageRow {
		return MessageRow{Message: *s.message(s.noor, seq, body), Mine: true, Delivered: delivered, Read: read}
	}
	pause := from(s.ida, 1, "One message")
	pause.ShowTime = true
	return []Example{
		row("first after a pause", pause),
		row("and more", grouped(from(s.ida, 2, "and more, from the same person"))),
		row("lines and a long word", grouped(from(s.ida, 3, longText))),
		row("right to left", from(s.yael, 4, "שלום! נתראה ביום שלישי")),
		row("emoji", from(s.ida, 5, "🎹")),
		row("markup is text", from(s.ida, 6, `<b onclick="alert(1)">bold</b> &amp; so on`)),
		row("mine, sent", mine(0, "In the log: acknowledged, durable", 0, 0)),
		row("mine, stored", mine(7, "In the database, with a number", 0, 0)),
		row("mine, delivered", mine(8, "On their screen", 8, 0)),
		row("mine, read", mine(9, "Seen", 9, 9)),
		{"Messages", "a day, and what is new", Messages(s.lines())},
		row("with a link", from(s.ida, 12, "There are seven of them: https://example.org/locks/marsworth.")),
		{"UnsentRow", "on its way", UnsentRow(s.noor)},
		{"Returned", "can’t be stored", Returned(ReturnedRow{
			MessageRow: from(s.noor, 0, "This one was taken, and then refused"),
			Reason:     "It has characters that can’t be kept.",
			Writable:   true,
		})},
		{"Typing", "shown while somebody writes", Typing(s.ida.Name)},
	}
}

// lines are a day with an unread message.
func (s samples) lines() []Line {
	messages := []chat.Message{*s.message(s.noor, 10, "Are you coming?"), *s.message(s.ida, 11, "On my way")}
	return Lines(messages, LogView{
		Viewer: s.noor,
		Peer:   chat.Member{Person: s.ida},
		Seen:   10,
		Zone:   time.UTC,
		Now:    sampleTime().Time,
	})
}

func composerExamples(s samples) []Example {
	readOnly := func(state string, p chat.PersonView) Example {
		return Example{"ReadOnlyComposer", state, ReadOnlyComposer(p, "")}
	}
	return []Example{
		{"Composer", "empty", Composer("#", Draft{ClientID: sampleID(70).String()})},
		{"Composer", "came back", Composer("#", Draft{
			Body:     "Plan as I see it:\n1. Cast off\n2. Breakfast",
			ClientID: sampleID(71).String(),
			Problem:  "Not sent. Your words are kept here.",
		})},
		readOnly("not friends any more", chat.PersonView{Person: s.ida, State: chat.StateNone}),
		readOnly("asked again", chat.PersonView{Person: s.ida, State: chat.StateRequested}),
		readOnly("asked by them", chat.PersonView{Person: s.ida, State: chat.StateIncoming, RequestID: &s.request}),
		readOnly("blocked", chat.PersonView{Person: s.ida, State: chat.StateBlocked}),
		readOnly("with somebody who is gone", chat.PersonView{Person: chat.Person{Name: "Deleted person"}}),
	}
}

func headerExamples(s samples) []Example {
	return []Example{
		{"Active", "now", Active(chat.Member{Person: s.ida, Presence: chat.Online}, time.UTC)},
		{"Active", "nobody can tell", Active(chat.Member{Person: s.ida, Presence: chat.PresenceUnknown}, time.UTC)},
	}
}
