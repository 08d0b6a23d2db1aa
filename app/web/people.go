package web

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
	"parley/views/pages"
)

// listPeople finds people by name. A text that is too short finds nobody.
func (s *Server) listPeople(c *fiber.Ctx, v viewer) error {
	text, longEnough := chat.SearchText(strings.Clone(c.Query("q")))
	people, err := s.chat.People(c.UserContext(), v.Person, text)
	switch {
	case err != nil && (wantsJSON(c) || isHTMX(c) || chat.KindOf(err) != chat.KindTooFast):
		return err
	case wantsJSON(c):
		return c.JSON(fiber.Map{"people": peopleJSON(people)})
	}

	search := pages.PeopleSearch{
		Query:      text,
		LongEnough: longEnough,
		People:     people,
		Now:        time.Now(),
		Zone:       v.zone(),
	}
	if isHTMX(c) {
		return render(c, pages.PeopleResults(search, true))
	}
	if err != nil { // too fast: the page keeps the text
		search.Problem = s.setStatus(c, err).Detail
	}
	return render(c, pages.People(s.shell(c, v, "Find people · Parley", "sheet", noConversation), search))
}

type personJSON struct {
	ID        string  `json:"id"`
	Name      string  `json:"name"`
	State     string  `json:"state"`
	RequestID *string `json:"request_id"`
}

// peopleJSON omits people whom the viewer has blocked. Only pages list them, to unblock
// them: the JSON interface has no such state.
func peopleJSON(people []chat.PersonView) []personJSON {
	list := []personJSON{}
	for _, person := range people {
		if person.State == chat.StateBlocked {
			continue
		}
		p := personJSON{ID: person.ID.String(), Name: person.Name, State: person.State}
		if person.RequestID != nil {
			id := person.RequestID.String()
			p.RequestID = &id
		}
		list = append(list, p)
	}
	return list
}
