package web

import (
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/views/pages"
)

// listPeople finds people by name. A text that is too short finds nobody.
func (s *Server) listPeople(c *fiber.Ctx, v viewer) error {
	text, longEnough := chat.SearchText(strings.Clone(c.Query("q")))
	people, err := s.people.Search(c.UserContext(), v.Person, text)
	switch {
	case err != nil && (wantsJSON(c) || isHTMX(c) || chat.KindOf(err) != chat.KindTooFast):
		return err
	case wantsJSON(c):
		return c.JSON(fiber.Map{"people": peopleJSON(people)})
	}

	search := pages.PeopleSearch{
		Query:      text,
		LongEnough: longEnough && (len(people) > 0 || !chat.FindsOnlyWholeNames(text)),
		People:     people,
		Now:        time.Now(),
		Zone:       v.zone(),
	}
	if err != nil { // too fast: the page keeps the text
		search.Problem = s.setStatus(c, err).Detail
	}
	setSearchAddress(c, text)

	return s.showPeople(c, v, "People · Parley", pages.PeopleLists{Section: pages.SearchSection, Search: search})
}

// setSearchAddress makes the browser show the address of a search by htmx, so that a reload
// repeats it. An empty search changes the address only if that has a text.
func setSearchAddress(c *fiber.Ctx, text string) {
	shown, err := url.Parse(c.Get("HX-Current-URL"))
	if isHTMX(c) && err == nil && (text != "" || shown.Query().Get("q") != "") {
		c.Set("HX-Replace-Url", pages.SearchPath(text))
	}
}

// showPeople shows the page of people, or the part of it that a search replaces. Without a
// query it reads the lists that the caller hasn't.
func (s *Server) showPeople(c *fiber.Ctx, v viewer, title string, l pages.PeopleLists) (err error) {
	if l.Section != pages.RequestsSection && l.Search.Query == "" {
		l.Requests = pages.RequestList{Now: time.Now(), Zone: v.zone()}
		if l.Requests.Requests, err = s.people.Requests(c.UserContext(), v.Person, nil); err != nil {
			return err
		}
	}

	if l.Section != pages.FriendsSection && l.Search.Query == "" {
		if l.Friends, l.Blocked, err = s.friends(c, v, ""); err != nil {
			return err
		}
	}

	if isHTMX(c) {
		return render(c, pages.PeopleFragment(l, true))
	}

	invite, err := s.people.Invite(c.UserContext(), v.Person)
	if err != nil {
		return err
	}
	l.Invite = s.shownInvite(c, v, invite)

	return render(c, pages.People(s.shell(c, v, title, "sheet", noConversation), l))
}

// showPerson shows a person's card.
func (s *Server) showPerson(c *fiber.Ctx, v viewer) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}

	card, err := s.people.Card(c.UserContext(), v.Person, id)
	switch {
	case err != nil:
		return err
	case wantsJSON(c):
		return c.JSON(fiber.Map{"person": cardOf(card)})
	}

	shown := pages.Card{PersonCard: card, Now: time.Now(), Zone: v.zone()}
	if isHTMX(c) {
		return render(c, pages.PersonFragment(shown))
	}

	return render(c, pages.Person(s.shell(c, v, card.Name+" · Parley", "sheet", noConversation), shown))
}

// cardJSON is a person's card, for programs.
type cardJSON struct {
	chat.Person
	State          string          `json:"state"`
	RequestID      *uuid.UUID      `json:"request_id"`
	FriendsSince   *chat.Timestamp `json:"friends_since"`
	Presence       *chat.Presence  `json:"presence"` // null: not a friend
	ConversationID *uuid.UUID      `json:"conversation_id"`
}

func cardOf(card chat.PersonCard) cardJSON {
	j := cardJSON{
		Person:         card.Person,
		State:          card.State,
		RequestID:      card.RequestID,
		ConversationID: card.ConversationID,
	}
	if card.State == chat.StateFriends {
		since := chat.At(card.ChangedAt)
		j.FriendsSince, j.Presence = &since, &card.Activity.Presence
	}
	return j
}

type personJSON struct {
	ID        uuid.UUID  `json:"id"`
	Name      string     `json:"name"`
	State     string     `json:"state"`
	RequestID *uuid.UUID `json:"request_id"`
}

// peopleJSON omits people whom the viewer has blocked. Only pages list them, to unblock
// them: the JSON interface has no such state.
func peopleJSON(people []chat.PersonView) []personJSON {
	list := []personJSON{}
	for _, p := range people {
		if p.State != chat.StateBlocked {
			list = append(list, personJSON{p.ID, p.Name, p.State, p.RequestID})
		}
	}
	return list
}
