package components

import (
	"strings"

	"parley/app/chat"
)

func personExamples(s samples) []Example {
	return []Example{
		{"Person", "a stranger, found", Person(s.found(s.ana, chat.StateNone, "mont"))},
		{"Person", "asked", Person(s.found(s.omar, chat.StateRequested, "om"))},
		{"Person", "asking", Person(s.found(s.yael, chat.StateIncoming, "יע"))},
		{"Person", "a friend", Person(s.found(s.ida, chat.StateFriends, "id"))},
		{"Person", "blocked", Person(s.found(s.omar, chat.StateBlocked, ""))},
		{"PersonLink", "a name that leads to a card", within("<li>", "</li>", PersonLink(s.ida))},
		{"Friend", "online", Friend(chat.Friend{Person: s.ida, Presence: chat.Online})},
		{"Friend", "long name", Friend(chat.Friend{Person: s.ana, Presence: chat.Offline})},
		{"BlockedPerson", "", BlockedPerson(s.omar)},
		{"PersonActions", "items of a menu", PersonActions(s.ida, true, true, "")},
	}
}

func profileExamples(s samples) []Example {
	return []Example{
		{"PersonCard", "a stranger", PersonCard(s.carded(s.ana, chat.StateNone), chat.Activity{})},
		{"PersonCard", "asked", PersonCard(s.carded(s.omar, chat.StateRequested), chat.Activity{})},
		{"PersonCard", "asking", PersonCard(s.carded(s.yael, chat.StateIncoming), chat.Activity{})},
		{"PersonCard", "a friend", PersonCard(s.carded(s.ida, chat.StateFriends), chat.Activity{Presence: chat.Online})},
		{"PersonCard", "blocked", PersonCard(s.carded(s.omar, chat.StateBlocked), chat.Activity{})},
		{"PersonCard", "oneself", PersonCard(s.carded(s.noor, chat.StateSelf), chat.Activity{})},
	}
}

func inviteExamples() []Example {
	invite := Invite{URL: "https://parley.example.org/invite/" + strings.Repeat("x", 54), ExpiresAt: sampleTime().Time}
	return []Example{
		{"InviteLink", "the section of a page", InviteLink(invite)},
		{"QR", "alone", QR(invite.URL)},
	}
}

func menuExamples(s samples) []Example {
	return []Example{
		{"PersonMenu", "of a friend", PersonMenu(s.ida, true, "")},
		{"PersonMenu", "of somebody else", PersonMenu(s.omar, false, "")},
		{"ActionButton", "a button that does one thing", ActionButton(Action{To: "#", Name: "Add friend", Icon: "find"})},
	}
}

func requestExamples(s samples) []Example {
	return []Example{
		{"Request", "waiting", Request(s.requested(s.yael, chat.RequestPending))},
		{"Request", "long name", Request(s.requested(s.ana, chat.RequestPending))},
		{"Request", "accepted", Request(s.requested(s.ida, chat.RequestAccepted))},
		{"Request", "declined", Request(s.requested(s.omar, chat.RequestDeclined))},
		{"OwnRequest", "", OwnRequest(s.requested(s.omar, chat.RequestPending))},
	}
}

func toastExamples(s samples) []Example {
	return []Example{
		{"Toasts", "where they appear", Toasts()},
		{"Toast", "of a person", Toast(s.yael, s.yael.Name, "wants to be friends", "/requests", "Answer")},
		{"RequestUpdate", "of a request", RequestUpdate(chat.RequestEvent{
			Request:  chat.RequestChange{ID: sampleID(80), Person: s.ana, State: chat.RequestPending},
			Incoming: 1,
		})},
		{"FriendUpdate", "of a friend", FriendUpdate(chat.FriendEvent{
			Person:         s.ida,
			State:          chat.StateFriends,
			ConversationID: &s.request,
		})},
	}
}
