package chattest

import (
	"slices"
	"testing"

	"parley/app/chat"
)

func testFriends(t *testing.T, s chat.Store) {
	ada := account(t, s, "Ada")
	for _, name := range []string{"cleo", "Bob", "Dan"} {
		account(t, s, name)
	}
	id := direct(t, s, ada, account(t, s, "Bob"))
	var names []string
	for page, rounds := "", 0; rounds < 4; rounds++ {
		p, err := s.Friends(ctx, ada.ID, page, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range p.Friends {
			names = append(names, f.Name)
			if (f.ConversationID != nil) != (f.Name == "Bob") || f.ConversationID != nil && *f.ConversationID != id {
				t.Errorf("%s has conversation %v", f.Name, f.ConversationID)
			}
		}
		if page = p.Next; page == "" {
			break
		}
	}
	if !slices.Equal(names, []string{"Bob", "cleo", "Dan"}) {
		t.Errorf("friends %v", names)
	}
	ids, err := s.FriendIDs(ctx, ada.ID)
	if err != nil || len(ids) != 3 || slices.Contains(ids, ada.ID) {
		t.Errorf("ids of friends %v, %v", ids, err)
	}
	_, err = s.Friends(ctx, ada.ID, "!", 2)
	wants(t, "a page that nobody handed out", err, chat.KindInvalid)
}
