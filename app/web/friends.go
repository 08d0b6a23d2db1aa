package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"parley/views/pages"
)

func (s *Server) listFriends(c *fiber.Ctx, v viewer) error {
	friends, err := s.chat.Friends(c.UserContext(), v.Person, strings.Clone(c.Query("page")))
	if err != nil {
		return badRequest(err)
	}
	if wantsJSON(c) {
		return c.JSON(fiber.Map{"friends": friends.Friends, "next": orNull(friends.Next)})
	}
	return render(c, pages.Friends(s.shell(c, v, "Friends · Parley", "sheet", noConversation), friends))
}

// orNull is a continuation, or null at the end.
func orNull(next string) any {
	if next == "" {
		return nil
	}
	return next
}
