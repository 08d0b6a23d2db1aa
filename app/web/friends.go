package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/views/pages"
)

func (s *Server) listFriends(c *fiber.Ctx, v viewer) error {
	friends, err := s.chat.Friends(c.UserContext(), v.Person, strings.Clone(c.Query("page")))
	if err != nil {
		return badRequest(err)
	}
	if wantsJSON(c) {
		return c.JSON(fiber.Map{"friends": friends.Friends, "next": nextCursor(friends.Next)})
	}
	var blocked []chat.Person
	if friends.Next == "" { // at the end of the list
		if blocked, err = s.chat.Blocked(c.UserContext(), v.Person); err != nil {
			return err
		}
	}
	if isHTMX(c) {
		return render(c, pages.FriendLists(friends, blocked))
	}
	return render(c, pages.Friends(s.shell(c, v, "Friends · Parley", "sheet", noConversation), friends, blocked))
}

// removeFriend ends a friendship; the conversation stays, to be read.
func (s *Server) removeFriend(c *fiber.Ctx, v viewer) error {
	return s.toPerson(c, "person", func(person uuid.UUID) error { return s.chat.Unfriend(c.UserContext(), v.Person, person) })
}

// toPerson does something to the person of the path, and answers with the friends.
func (s *Server) toPerson(c *fiber.Ctx, param string, do func(person uuid.UUID) error) error {
	person, err := pathID(c, param)
	if err != nil {
		return err
	}
	form, err := fields(c)
	if err != nil {
		return err
	}
	if err := do(person); err != nil {
		return err
	}
	return s.changed(c, form, "/friends")
}

// orNull is a continuation, or null at the end.
func nextCursor(next string) any {
	if next == "" {
		return nil
	}
	return next
}
