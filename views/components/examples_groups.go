package components

import "parley/app/chat"

// group returns a group of Noor's with its last message.
func (s samples) group(role chat.Role, unread int64, last *chat.Message) chat.Conversation {
	c := s.conversation(s.omar, unread, last)
	c.Kind, c.Title, c.Name = chat.GroupConversation, "Harbour choir", "Harbour choir"
	c.Role, c.MembersCount, c.Writable = role, 5, role.Manages()
	c.Members = c.Members[:1]
	return c
}

// happened returns a message of the system by Ida.
func (s samples) happened(seq int64, what chat.SystemMessage) *chat.Message {
	m := s.message(s.ida, seq, "")
	m.Kind, m.System = chat.MessageSystem, &what
	return m
}

func groupExamples(s samples) []Example {
	added := s.happened(21, chat.SystemMessage{Event: chat.SystemJoined, Person: &s.omar})
	row := func(state string, c chat.Conversation) Example {
		return Example{"Conversation", state, Conversation(c, s.list())}
	}
	return []Example{
		row("a group, news", s.group(chat.RoleMember, 100, s.message(s.ida, 20, "Tuesday at seven"))),
		row("a group, mine", s.group(chat.RoleOwner, 0, s.message(s.noor, 20, "See you there"))),
		row("a group, changed", s.group(chat.RoleAdmin, 0, added)),
		{"ConversationAvatar", "of a group", ConversationAvatar(s.group(chat.RoleOwner, 0, nil), s.noor, "large")},
		{"ReadOnlyGroup", "only admins write", ReadOnlyGroup(s.group(chat.RoleMember, 0, nil))},
		{"ReadOnlyGroup", "no longer a member", ReadOnlyGroup(s.group(chat.RoleNone, 0, nil))},
		{"GroupTyping", "hidden, for the script", GroupTyping()},
	}
}

func systemExamples(s samples) []Example {
	renamed := chat.SystemMessage{Event: chat.SystemRenamed, Value: "Harbour choir"}
	role := chat.SystemMessage{Event: chat.SystemRole, Person: &s.omar, Value: string(chat.RoleAdmin)}
	return []Example{
		{"Message", "of the system", Message(MessageRow{Message: *s.happened(31, renamed)})},
		{"Message", "of the system, a role", Message(MessageRow{Message: *s.happened(32, role)})},
	}
}
