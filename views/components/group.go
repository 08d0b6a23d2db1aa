package components

import (
	"strings"

	"parley/app/chat"
)

// SystemText returns what a message of the system says, the same for everybody.
func SystemText(m chat.Message) string {
	if m.System == nil {
		return "Something has changed"
	}

	actor, person := FirstName(m.Sender.Name), ""
	if m.System.Person != nil {
		person = FirstName(m.System.Person.Name)
	}

	switch m.System.Event {
	case chat.SystemCreated:
		return actor + " created the group “" + m.System.Value + "”"
	case chat.SystemJoined:
		if person == "" || m.System.Person.ID == m.Sender.ID {
			return actor + " joined"
		}
		return actor + " added " + person
	case chat.SystemLeft:
		return actor + " left"
	case chat.SystemRemoved:
		return actor + " removed " + person
	case chat.SystemRenamed:
		return actor + " renamed the group to “" + m.System.Value + "”"
	case chat.SystemRole:
		return roleText(actor, person, chat.Role(m.System.Value))
	}
	return actor + " " + settingText(m.System.Value)
}

func roleText(actor, person string, role chat.Role) string {
	switch role {
	case chat.RoleOwner:
		return actor + " made " + person + " an owner"
	case chat.RoleAdmin:
		return actor + " made " + person + " an admin"
	}
	return actor + " made " + person + " a member again"
}

// settingText says which setting was changed: "about", "posting=admins" and so on.
func settingText(value string) string {
	switch value {
	case "about":
		return "changed the description"
	case "posting=" + string(chat.PostingAdmins):
		return "lets only admins write"
	case "posting=" + string(chat.PostingAll):
		return "lets everybody write"
	case "history=" + string(chat.HistoryAll):
		return "lets newcomers read everything"
	case "history=" + string(chat.HistoryJoined):
		return "lets newcomers read from when they join"
	}
	return "changed the group"
}

// RoleText names a role.
func RoleText(r chat.Role) string {
	if r == chat.RoleNone {
		return "No longer a member"
	}
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

// MembersText returns "1 member" or "5 members".
func MembersText(n int) string {
	if n == 1 {
		return "1 member"
	}
	return Thousands(int64(n)) + " members"
}

// ReadOnlyGroupText says why one may not write in a group.
func ReadOnlyGroupText(c chat.Conversation) string {
	if c.Role == chat.RoleNone {
		return "You are no longer in this group."
	}
	return "Only admins write here."
}

// speaker returns whom a message belongs to in a run of messages. One of the system belongs to none.
func speaker(m *chat.Message) string {
	if m.Kind == chat.MessageSystem {
		return m.ID.String()
	}
	return m.Sender.ID.String()
}
