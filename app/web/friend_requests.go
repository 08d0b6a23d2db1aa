package web

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/views/components"
	"parley/views/pages"
)

// maxDone bounds the answered requests that a page may list again.
const maxDone = 50

// listFriendRequests lists the open requests. The parameters done name answered requests
// that the page still shows; programs don't get these.
func (s *Server) listFriendRequests(c *fiber.Ctx, v viewer) error {
	var done []uuid.UUID
	if !wantsJSON(c) {
		done = doneRequests(c)
	}

	requests, err := s.people.Requests(c.UserContext(), v.Person, done)
	if err != nil {
		return err
	}

	if wantsJSON(c) {
		return c.JSON(requests)
	}

	list := pages.RequestList{Requests: requests, Now: time.Now(), Zone: v.zone()}
	if isHTMX(c) {
		return render(c, pages.RequestLists(list))
	}

	l := pages.PeopleLists{Section: pages.RequestsSection, Requests: list}
	return s.showPeople(c, v, "Requests · Parley", l)
}

func doneRequests(c *fiber.Ctx) (done []uuid.UUID) {
	for _, value := range c.Context().QueryArgs().PeekMulti("done") {
		if id, err := uuid.ParseBytes(value); err == nil && len(done) < maxDone {
			done = append(done, id)
		}
	}
	return done
}

func (s *Server) createFriendRequest(c *fiber.Ctx, v viewer) error {
	form, err := fields(c)
	if err != nil {
		return err
	}

	person, err := personField(form)
	if err != nil {
		return err
	}

	request, created, err := s.people.RequestFriend(c.UserContext(), v.Person, person)
	if err != nil {
		return err
	}

	if !wantsJSON(c) {
		return s.friendsChanged(c, form, "/requests")
	}
	if created {
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

// answerFriendRequest shows the answered request once more, with its outcome.
func (s *Server) answerFriendRequest(c *fiber.Ctx, v viewer, answer chat.RequestAnswer) error {
	id, form, err := idAndFields(c, "id")
	if err != nil {
		return err
	}

	request, err := s.people.AnswerRequest(c.UserContext(), v.Person, id, answer)
	switch {
	case err != nil:
		return err
	case wantsJSON(c):
		return c.JSON(fiber.Map{"request": request})
	case answer == chat.Cancel:
		return s.friendsChanged(c, form, "/requests")
	case isHTMX(c):
		c.Set("HX-Trigger-After-Settle", "friends")
		row := components.RequestRow{Request: request, Now: time.Now(), Zone: v.zone()}
		return render(c, components.Request(row))
	}

	return s.friendsChanged(c, form, "/requests?done="+id.String())
}
