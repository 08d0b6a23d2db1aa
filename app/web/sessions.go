package web

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"parley/app/audit"
	"parley/app/chat"
	"parley/views/components"
)

// listSessions lists the viewer's sessions for programs. Pages have them on the account's
// page.
func (s *Server) listSessions(c *fiber.Ctx, v viewer) error {
	if !wantsJSON(c) {
		return c.Redirect("/account#sessions", fiber.StatusSeeOther)
	}

	sessions, err := s.accounts.Sessions(c.UserContext(), v.Person)
	if err != nil {
		return err
	}

	list := make([]fiber.Map, len(sessions))
	for i, session := range sessions {
		list[i] = fiber.Map{
			"id":         session.ID,
			"current":    session.ID == v.ID,
			"device":     components.BrowserName(session.Device),
			"created_at": chat.At(session.CreatedAt),
			"seen_at":    chat.At(session.SeenAt),
		}
	}

	return c.JSON(fiber.Map{"sessions": list})
}

func sessionRows(sessions []chat.Session, v viewer) []components.SessionRow {
	rows := make([]components.SessionRow, len(sessions))
	for i, session := range sessions {
		rows[i] = components.SessionRow{
			Session:  session,
			Current:  session.ID == v.ID,
			LastUsed: components.LastUsedText(session.SeenAt, time.Now(), v.zone()),
			Since:    components.SinceText(session.CreatedAt, v.zone()),
		}
		if rows[i].Current {
			rows[i].LastUsed = "now"
		}
	}

	return rows
}

// revokeSession ends one of the viewer's sessions. Ending the current one is signing out.
func (s *Server) revokeSession(c *fiber.Ctx, v viewer) error {
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return chat.ErrNotFound()
	}
	if id == v.ID {
		return s.signOut(c, v)
	}

	err = s.accounts.EndSession(c.UserContext(), v.Person, id)
	s.audit(c, audit.Entry{Action: audit.RevokeSession, Person: v.Person.ID, Session: id, Err: err})
	if err != nil {
		return err
	}

	return sessionsChanged(c)
}

// revokeOtherSessions ends all of the viewer's sessions but the current one.
func (s *Server) revokeOtherSessions(c *fiber.Ctx, v viewer) error {
	err := s.accounts.EndOtherSessions(c.UserContext(), v.Session)
	s.audit(c, audit.Entry{Action: audit.RevokeOthers, Person: v.Person.ID, Session: v.ID, Err: err})
	if err != nil {
		return err
	}

	return sessionsChanged(c)
}

func sessionsChanged(c *fiber.Ctx) error {
	if wantsJSON(c) {
		return c.SendStatus(fiber.StatusNoContent)
	}
	return redirectToSection(c, "sessions")
}
