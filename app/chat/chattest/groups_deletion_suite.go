package chattest

import (
	"testing"

	"parley/app/chat"
)

// testGroupDeletion: a deleted account leaves its groups, and passes on those that it owns.
func testGroupDeletion(t *testing.T, s chat.Store) {
	c := newGroupOf(t, s, 3, chat.GroupSettings{Name: "Choir"}, "Ada", "Bob", "Cyd")
	ada, bob, cyd := c.people[0], c.people[1], c.people[2]
	c.does(s.ChangeRole(ctx, ada.ID, c.id, cyd.ID, chat.RoleAdmin))
	deletion, err := s.DeleteAccount(ctx, ada.ID)
	if err != nil || len(deletion.Groups) != 1 {
		t.Fatalf("got %+v, %v, want one group", deletion, err)
	}

	change := deletion.Groups[0]
	if len(change.Messages) != 2 || change.Messages[0].System.Event != chat.SystemRole ||
		change.Messages[1].System.Event != chat.SystemLeft || !change.Audience.Same(chat.ToPeople(bob.ID, cyd.ID)) {
		t.Errorf("change of the group: %+v", change)
	}
	c.expect("after the deletion", bob, "1:created 2:role 3:role 4:left")
	member, err := s.GroupMember(ctx, bob.ID, c.id, cyd.ID)
	if err != nil || member.Role != chat.RoleOwner || member.Person.Name != "Cyd" {
		t.Errorf("successor: %+v, %v", member, err)
	}
	_, err = s.GroupMember(ctx, bob.ID, c.id, ada.ID)
	wantKind(t, "deleted member", err, chat.KindNotFound)
	if conversation, err := s.Conversation(ctx, bob.ID, c.id); err != nil || conversation.MembersCount != 2 {
		t.Errorf("conversation: %+v, %v", conversation, err)
	}

	again, err := s.DeleteAccount(ctx, ada.ID)
	if err != nil || len(again.Groups) != 0 {
		t.Errorf("second deletion: %+v, %v, want no group", again, err)
	}
}
