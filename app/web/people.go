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
	switch {
	case err != nil && (wantsJSON(c) || isHTMX(c) || chat.KindOf(err) != chat.KindTooFast):
		return err
	case wantsJSON(c):
		return c.JSON(fiber.Map{"people": peopleJSON(people)})
	}
	search := pages.PeopleSearch{Query: text, LongEnough: enough, People: people, Now: time.Now(), Zone: v.zone()}
	if isHTMX(c) {
		return render(c, pages.PeopleResults(search, true))
	}
	if err != nil { // too fast: the page keeps the text, and says so
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

func peopleJSON(people []chat.PersonView) []personJSON {
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
