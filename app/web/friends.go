package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/views/pages"
)

// listFriends lists friends by page. The last page has the blocked people too.
func (s *Server) listFriends(c *fiber.Ctx, v viewer) error {
	page := strings.Clone(c.Query("page"))
	if wantsJSON(c) {
		friends, err := s.people.Friends(c.UserContext(), v.Person, page)
		if err != nil {
			return badRequest(err)
		}
		return c.JSON(fiber.Map{"friends": friends.Friends, "next": nextCursor(friends.Next)})
	}

	friends, blocked, err := s.friends(c, v, page)
	if err != nil {
		return err
	}
	if isHTMX(c) {
		return render(c, pages.FriendLists(friends, blocked))
	}

	l := pages.PeopleLists{Section: pages.FriendsSection, Friends: friends, Blocked: blocked}
	return s.showPeople(c, v, "Friends · Parley", l)
}

// friends returns a page of friends, and with the last one the people whom the viewer has
// blocked.
func (s *Server) friends(
	c *fiber.Ctx, v viewer, page string,
) (friends chat.FriendPage, blocked []chat.Person, err error) {
	friends, err = s.people.Friends(c.UserContext(), v.Person, page)
	if err == nil && friends.Next == "" {
		blocked, err = s.people.Blocked(c.UserContext(), v.Person)
	}
	return friends, blocked, badRequest(err)
}

// removeFriend ends a friendship. The conversation becomes read-only.
func (s *Server) removeFriend(c *fiber.Ctx, v viewer) error {
	return s.changeFriends(c, "person", func(person uuid.UUID) error {
		return s.people.Unfriend(c.UserContext(), v.Person, person)
	})
}

// changeFriends applies a change to the person of the path. It redirects plain forms to the
// list of friends.
func (s *Server) changeFriends(c *fiber.Ctx, param string, change func(person uuid.UUID) error) error {
	person, form, err := idAndFields(c, param)
	if err != nil {
		return err
	}
	if err := change(person); err != nil {
		return err
	}

	return s.friendsChanged(c, form, "/friends")
}

// friendsChanged answers a form that changed friendships or friend requests. An htmx page
// is triggered to reload its lists. A plain form is redirected to the page that it
// names, or to the usual one.
func (s *Server) friendsChanged(c *fiber.Ctx, form map[string]string, usual string) error {
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
