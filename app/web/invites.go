package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/views/components"
	"parley/views/pages"
)

// invitePath is the address of invite links, before their token.
const invitePath = "/invite/"

// inviteJSON is an invite link, for programs.
type inviteJSON struct {
	URL       string         `json:"url"`
	ExpiresAt chat.Timestamp `json:"expires_at"`
}

// createInvite returns the viewer's invite link. With the field renew it is a new one, and
// the earlier ones stop working.
func (s *Server) createInvite(c *fiber.Ctx, v viewer) error {
	form, err := fields(c)
	if err != nil {
		return err
	}

	get := s.people.Invite
	if form["renew"] != "" {
		get = s.people.RenewInvite
	}
	invite, err := get(c.UserContext(), v.Person)
	switch {
	case err != nil:
		return err
	case wantsJSON(c):
		return c.JSON(fiber.Map{"invite": inviteJSON{s.inviteURL(c, invite), chat.At(invite.ExpiresAt)}})
	case isHTMX(c):
		return render(c, components.InviteLink(s.shownInvite(c, v, invite)))
	}

	return c.Redirect("/people#invite", fiber.StatusSeeOther)
}

// shownInvite returns an invite link as pages show it.
func (s *Server) shownInvite(c *fiber.Ctx, v viewer, invite chat.Invite) components.Invite {
	return components.Invite{URL: s.inviteURL(c, invite), ExpiresAt: invite.ExpiresAt.In(v.zone())}
}

// inviteURL returns the whole address of an invite link. Without PUBLIC_URL, that is the
// address at which the viewer has Parley open.
func (s *Server) inviteURL(c *fiber.Ctx, invite chat.Invite) string {
	base := s.options.BaseURL
	if s.options.PublicURL == nil {
		base = strings.Clone(c.BaseURL())
	}
	return base + invitePath + invite.Token
}

// showInvite shows who invites by a link. It changes nothing.
func (s *Server) showInvite(c *fiber.Ctx, v viewer) error {
	s.keepPrivate(c)
	token := strings.Clone(c.Params("token"))
	inviter, err := s.people.ViewInvite(c.UserContext(), v.Person, token)
	switch {
	case err != nil:
		return err
	case wantsJSON(c):
		return c.JSON(fiber.Map{"person": inviterOf(inviter)})
	}

	page := s.shell(c, v, "Invitation · Parley", "sheet", noConversation)
	return render(c, pages.Invitation(page, inviter, invitePath+token))
}

// acceptInvite makes the viewer a friend of the person who invites by a link.
func (s *Server) acceptInvite(c *fiber.Ctx, v viewer) error {
	s.keepPrivate(c)
	conversation, err := s.people.AcceptInvite(c.UserContext(), v.Person, strings.Clone(c.Params("token")))
	switch {
	case err != nil:
		return err
	case wantsJSON(c):
		return c.JSON(fiber.Map{"conversation_id": conversation})
	}

	return c.Redirect(latestPath(conversation), fiber.StatusSeeOther)
}

// inviterJSON is the person who invites, for programs.
type inviterJSON struct {
	chat.Person
	State          string     `json:"state"`
	ConversationID *uuid.UUID `json:"conversation_id"`
}

func inviterOf(p chat.PersonView) inviterJSON {
	return inviterJSON{p.Person, p.State, p.ConversationID}
}

// The header that keeps a page out of search engines.
const robotsTag, noIndex = "X-Robots-Tag", "noindex"

// keepPrivate keeps the address of a page, which is a secret, out of search engines and
// Referer headers. A browser that doesn't send Sec-Fetch-Site keeps the usual policy:
// without a referrer its forms have the origin "null", which isCrossSite rejects.
func (s *Server) keepPrivate(c *fiber.Ctx) {
	c.Set(robotsTag, noIndex)
	if c.Get("Sec-Fetch-Site") != "" || s.isFromThisMachine(c) {
		c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	}
}
