package web

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
	"parley/views/pages"
)

// listPeople finds people by name. Too little to search for finds nobody. Whom the viewer has blocked is shown to people only, to be
// unblocked: programs know no such state.
func (s *Server) listPeople(c *fiber.Ctx, v viewer) error {
	text, enough := chat.SearchText(strings.Clone(c.Query("q")))
	people, err := s.chat.People(c.UserContext(), v.Person, text)
	if err != nil && wantsJSON(c) {
		return err
	}
	if wantsJSON(c) {
		return c.JSON(fiber.Map{"people": peopleJSON(people)})
	}
	search := pages.Search{Query: text, Enough: enough, People: people, Now: time.Now()}
	if err != nil {
		p := s.problemOf(c, err)
		search.Problem = p.Detail
		c.Status(p.Status)
	}
	if isHTMX(c) {
		if err != nil {
			return err
		}
		search.Zone = zone(v)
		return render(c, pages.PeopleFound(search, true))
	}
	page := s.shell(c, v, "Find people · Parley", "sheet", noConversation)
	search.Zone = page.Zone()
	return render(c, pages.People(page, search))
}

type personJSON struct {
	ID        string  `json:"id"`
	Name      string  `json:"name"`
	State     string  `json:"state"`
	RequestID *string `json:"request_id"`
}

func peopleJSON(people []chat.Found) []personJSON {
	list := []personJSON{}
	for _, f := range people {
		if f.State == chat.StateBlocked {
			continue
		}
		p := personJSON{ID: f.ID.String(), Name: f.Name, State: f.State}
		if f.RequestID != nil {
			id := f.RequestID.String()
			p.RequestID = &id
		}
		list = append(list, p)
	}
	return list
}
