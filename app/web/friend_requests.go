package web

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/views/components"
	"parley/views/pages"
)

// mostDone bounds how many answered requests a page asks to see again.
const mostDone = 50

func (s *Server) listFriendRequests(c *fiber.Ctx, v viewer) error {
	var done []uuid.UUID
	for _, value := range c.Context().QueryArgs().PeekMulti("done") {
		if id, err := uuid.ParseBytes(value); err == nil && len(done) < mostDone {
			done = append(done, id)
		}
	}
	if wantsJSON(c) {
		done = nil
	}
	requests, err := s.chat.Requests(c.UserContext(), v.Person, done)
	if err != nil {
		return err
	}
	if wantsJSON(c) {
		return c.JSON(requests)
	}
	waiting := pages.RequestList{Requests: requests, Now: time.Now(), Zone: v.zone()}
	if isHTMX(c) {
		return render(c, pages.RequestLists(waiting))
	}
	return render(c, pages.Requests(s.shell(c, v, "Requests · Parley", "sheet", noConversation), waiting))
}

func (s *Server) createFriendRequest(c *fiber.Ctx, v viewer) error {
	form, err := fields(c)
	if err != nil {
		return err
	}
	person, err := uuid.Parse(form["person"])
	if err != nil {
		return chat.Invalid("person", "Choose a person.")
	}
	request, asked, err := s.chat.Ask(c.UserContext(), v.Person, person)
	if err != nil {
		return err
	}
	if !wantsJSON(c) {
		return s.changed(c, form, "/requests")
	}
	if asked {
		c.Status(fiber.StatusCreated)
	}
	return c.JSON(fiber.Map{"request": request})
}

func (s *Server) acceptFriendRequest(c *fiber.Ctx, v viewer) error {
	return s.answerFriendRequest(c, v, chat.Accept)
}

func (s *Server) declineFriendRequest(c *fiber.Ctx, v viewer) error {
	return s.answerFriendRequest(c, v, chat.Decline)
}

func (s *Server) cancelFriendRequest(c *fiber.Ctx, v viewer) error {
	return s.answerFriendRequest(c, v, chat.Cancel)
}

// answerRequest shows an answered request once more, so that its outcome can be read.
func (s *Server) answerFriendRequest(c *fiber.Ctx, v viewer, answer chat.RequestAnswer) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	form, err := fields(c)
	if err != nil {
		return err
	}
	request, err := s.chat.AnswerRequest(c.UserContext(), v.Person, id, answer)
	switch {
	case err != nil:
		return err
	case wantsJSON(c):
		return c.JSON(fiber.Map{"request": request})
	case answer == chat.Cancel:
		return s.changed(c, form, "/requests")
	case isHTMX(c):
		c.Set("HX-Trigger-After-Settle", "friends")
		return render(c, components.Request(components.RequestRow{Request: request, Now: time.Now(), Zone: v.zone()}))
	}
	return s.changed(c, form, "/requests?done="+id.String())
}

// changed answers a form of which a page shows the effect: the one that the form names, or the usual one. An open page with a script
// is told to look again.
func (s *Server) changed(c *fiber.Ctx, form map[string]string, usual string) error {
	switch next := localPath(form["next"]); {
	case wantsJSON(c):
		return c.SendStatus(fiber.StatusNoContent)
	case isHTMX(c):
		c.Set("HX-Trigger", "friends")
		return c.SendStatus(fiber.StatusNoContent)
	case next != "/":
		return c.Redirect(next, fiber.StatusSeeOther)
	}
	return c.Redirect(usual, fiber.StatusSeeOther)
}
