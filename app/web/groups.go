package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/views/pages"
)

// createGroup creates a group of the viewer and some of their friends.
func (s *Server) createGroup(c *fiber.Ctx, v viewer, form map[string]string) error {
	members, err := idList(c, form, "member")
	if err != nil {
		return err
	}

	conversation, err := s.messages.CreateGroup(c.UserContext(), v.Person, chat.NewGroup{
		GroupSettings: groupSettings(form, chat.GroupSettings{}),
		Members:       members,
	})
	if err != nil && wantsPage(c) {
		return s.returnGroupForm(c, v, form, err)
	}
	if err != nil {
		return err
	}
	if !wantsJSON(c) {
		return c.Redirect(latestPath(conversation.ID), fiber.StatusSeeOther)
	}
	return c.Status(fiber.StatusCreated).JSON(fiber.Map{"conversation": conversation})
}

// showNewGroup shows the form of a new group.
func (s *Server) showNewGroup(c *fiber.Ctx, v viewer) error {
	return s.renderNewGroup(c, v, pages.NewGroupForm{})
}

func (s *Server) renderNewGroup(c *fiber.Ctx, v viewer, form pages.NewGroupForm) error {
	friends, err := s.people.Friends(c.UserContext(), v.Person, "")
	if err != nil {
		return err
	}
	form.Friends, form.More = friends.Friends, friends.Next != ""
	return render(c, pages.NewGroup(s.shell(c, v, "New group · Parley", "sheet", noConversation), form))
}

// returnGroupForm shows the form again with what was typed, and why there is no group yet.
func (s *Server) returnGroupForm(c *fiber.Ctx, v viewer, form map[string]string, cause error) error {
	members, err := idList(c, form, "member")
	if err != nil {
		return cause
	}
	again := pages.NewGroupForm{
		Settings: groupSettings(form, chat.GroupSettings{}),
		Problem:  s.setStatus(c, cause).Detail,
	}
	for _, id := range members {
		again.Members = append(again.Members, id.String())
	}
	if s.renderNewGroup(c, v, again) != nil {
		return cause
	}
	return nil
}

// readGroup reads a page of a group's members, and whom the viewer may add.
func (s *Server) readGroup(c *fiber.Ctx, v viewer, g *pages.Group, page string) (err error) {
	if g.Conversation.Role == chat.RoleNone {
		return nil
	}
	if g.Members, err = s.messages.GroupMembers(c.UserContext(), v.Person, g.Conversation.ID, page); err != nil {
		return badRequest(err)
	}
	if !g.Conversation.Role.Manages() {
		return nil
	}

	present := map[uuid.UUID]bool{}
	for _, m := range g.Members.Members {
		present[m.Person.ID] = true
	}
	friends, err := s.people.Friends(c.UserContext(), v.Person, "")
	for _, f := range friends.Friends {
		if !present[f.ID] {
			g.Friends = append(g.Friends, f.Person)
		}
	}
	return err
}

// changeGroup changes the settings of a group that the form has.
func (s *Server) changeGroup(c *fiber.Ctx, v viewer) error {
	id, form, err := idAndFields(c, "id")
	if err != nil {
		return err
	}

	conversation, err := s.messages.ChangeGroup(c.UserContext(), v.Person, id, func(g *chat.GroupSettings) {
		*g = groupSettings(form, *g)
	})
	if err != nil {
		return err
	}
	if !wantsJSON(c) {
		return c.Redirect(detailsPath(id), fiber.StatusSeeOther)
	}
	return c.JSON(fiber.Map{"conversation": conversation})
}

// groupSettings returns settings with those that a form has.
func groupSettings(form map[string]string, g chat.GroupSettings) chat.GroupSettings {
	if name, ok := form["name"]; ok {
		g.Name = name
	}
	if about, ok := form["about"]; ok {
		g.About = about
	}
	if posting, ok := form["posting"]; ok {
		g.Posting = chat.Posting(posting)
	}
	if history, ok := form["history"]; ok {
		g.History = chat.HistoryRule(history)
	}
	return g
}

// listMembers lists the members of a group by page.
func (s *Server) listMembers(c *fiber.Ctx, v viewer) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	page := strings.Clone(c.Query("page"))
	if !wantsJSON(c) {
		d, err := s.messages.Details(c.UserContext(), v.Person, id, false, nil)
		if err == nil && d.Conversation.Role == chat.RoleNone {
			err = chat.ErrNotFound()
		}
		if err != nil {
			return err
		}
		return s.renderDetails(c, v, d, "", page)
	}

	list, err := s.messages.GroupMembers(c.UserContext(), v.Person, id, page)
	if err != nil {
		return badRequest(err)
	}
	return c.JSON(fiber.Map{"members": list.Members, "next": nextCursor(list.Next)})
}

// addMember adds a friend to a group.
func (s *Server) addMember(c *fiber.Ctx, v viewer) error {
	id, form, err := idAndFields(c, "id")
	if err != nil {
		return err
	}
	person, err := personField(form)
	if err != nil {
		return err
	}

	member, err := s.messages.AddMember(c.UserContext(), v.Person, id, person)
	if err != nil {
		return err
	}
	if !wantsJSON(c) {
		return c.Redirect(detailsPath(id), fiber.StatusSeeOther)
	}
	return c.Status(fiber.StatusCreated).JSON(fiber.Map{"member": member})
}

// removeMember removes a member from a group.
func (s *Server) removeMember(c *fiber.Ctx, v viewer) error {
	id, person, _, err := memberAndFields(c)
	if err != nil {
		return err
	}
	if err := s.messages.RemoveMember(c.UserContext(), v.Person, id, person); err != nil {
		return err
	}
	return groupDone(c, detailsPath(id))
}

// changeRole gives a member of a group a role.
func (s *Server) changeRole(c *fiber.Ctx, v viewer) error {
	id, person, form, err := memberAndFields(c)
	if err != nil {
		return err
	}

	member, err := s.messages.ChangeRole(c.UserContext(), v.Person, id, person, chat.Role(form["role"]))
	if err != nil {
		return err
	}
	if !wantsJSON(c) {
		return c.Redirect(detailsPath(id), fiber.StatusSeeOther)
	}
	return c.JSON(fiber.Map{"member": member})
}

// leaveGroup ends the viewer's presence in a group.
func (s *Server) leaveGroup(c *fiber.Ctx, v viewer) error {
	id, form, err := idAndFields(c, "id")
	if err != nil {
		return err
	}

	successor := uuid.Nil
	if text := form["successor"]; text != "" {
		if successor, err = uuid.Parse(text); err != nil {
			return chat.Invalid("successor", "Choose who owns the group after you.")
		}
	}
	if err := s.messages.LeaveGroup(c.UserContext(), v.Person, id, successor); err != nil {
		return err
	}
	return groupDone(c, latestPath(id))
}

// groupDone answers a change that has no result: a page goes on to another address.
func groupDone(c *fiber.Ctx, next string) error {
	if !wantsPage(c) {
		return c.SendStatus(fiber.StatusNoContent)
	}
	return c.Redirect(next, fiber.StatusSeeOther)
}

// memberAndFields returns the group and the person of the path, and the fields of the body.
func memberAndFields(c *fiber.Ctx) (id, person uuid.UUID, form map[string]string, err error) {
	if id, err = pathID(c, "id"); err != nil {
		return id, person, nil, err
	}
	person, form, err = idAndFields(c, "person")
	return id, person, form, err
}

// detailsPath returns the address of a conversation's details.
func detailsPath(conversation uuid.UUID) string {
	return "/conversations/" + conversation.String() + "/details"
}
