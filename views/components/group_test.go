package components

import (
	"testing"

	"parley/app/chat"
)

// TestSystemText: every event of a group is a plain sentence.
func TestSystemText(t *testing.T) {
	ada := chat.Person{ID: chat.NewID(), Name: "Ada Adler"}
	bob := chat.Person{ID: chat.NewID(), Name: "Bob"}
	for want, s := range map[string]chat.SystemMessage{
		"Ada created the group “Choir”":               {Event: chat.SystemCreated, Value: "Choir"},
		"Ada added Bob":                               {Event: chat.SystemJoined, Person: &bob},
		"Ada joined":                                  {Event: chat.SystemJoined, Person: &ada},
		"Ada left":                                    {Event: chat.SystemLeft},
		"Ada removed Bob":                             {Event: chat.SystemRemoved, Person: &bob},
		"Ada renamed the group to “Choir”":            {Event: chat.SystemRenamed, Value: "Choir"},
		"Ada made Bob an owner":                       {Event: chat.SystemRole, Person: &bob, Value: "owner"},
		"Ada made Bob an admin":                       {Event: chat.SystemRole, Person: &bob, Value: "admin"},
		"Ada made Bob a member again":                 {Event: chat.SystemRole, Person: &bob, Value: "member"},
		"Ada changed the description":                 {Event: chat.SystemChanged, Value: "about"},
		"Ada lets only admins write":                  {Event: chat.SystemChanged, Value: "posting=admins"},
		"Ada lets everybody write":                    {Event: chat.SystemChanged, Value: "posting=all"},
		"Ada lets newcomers read everything":          {Event: chat.SystemChanged, Value: "history=all"},
		"Ada lets newcomers read from when they join": {Event: chat.SystemChanged, Value: "history=joined"},
		"Ada changed the group":                       {Event: "unknown", Value: "unknown"},
	} {
		m := chat.Message{Sender: ada, Kind: chat.MessageSystem, System: &s}
		if got := SystemText(m); got != want {
			t.Errorf("%s %s: got %q, want %q", s.Event, s.Value, got, want)
		}
	}
}
