package chattest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

func testExport(t *testing.T, s chat.Store) {
	ada, now := account(t, s, "Ada"), time.Now()
	createSession(t, s, ada, chat.TokenHash("ada"))
	createSession(t, s, account(t, s, "Eve"), chat.TokenHash("eve"))
	var conversations []uuid.UUID
	for i := range 3 {
		friend := account(t, s, fmt.Sprintf("Friend %d", i))
		id := openDirect(t, s, ada, friend)
		conversations = append(conversations, id)
		_, err := s.StoreDirect(ctx, id, []chat.Message{newMessage(friend, id, "one", 0), newMessage(ada, id, "two", 1)}[:i])
		if i > 0 && err != nil {
			t.Fatal(err)
		}
	}

	e, err := s.Export(ctx, ada.ID, now)
	if err != nil || e.Account.ID != ada.ID || e.Account.Name != "Ada" ||
		e.Account.Settings != chat.DefaultSettings() ||
		!slices.Equal(e.Account.Identities, []chat.ExportedIdentity{{Provider: "dev", Subject: "ada"}}) {
		t.Errorf("got account %+v, %v", e.Account, err)
	}

	if len(e.Sessions) != 1 || e.Sessions[0].ID != chat.SessionID(chat.TokenHash("ada")) {
		t.Errorf("got sessions %+v, want 1", e.Sessions)
	}

	if e.Friends == nil || e.Requests == nil || e.Blocked == nil || e.Drafts == nil {
		t.Errorf("got a nil list in %+v, want empty lists, which are not null in JSON", e)
	}

	var got []uuid.UUID
	for after, rounds := (uuid.UUID{}), 0; rounds < 4; rounds++ {
		page, err := s.ExportConversations(ctx, ada.ID, after, 2)
		if err != nil {
			t.Fatal(err)
		}

		for _, c := range page {
			if i := slices.Index(conversations, c.ID); i < 0 || c.LastSeq != int64(i) ||
				c.Title != fmt.Sprintf("Friend %d", i) || len(c.Members) != 2 {
				t.Errorf("got conversation %+v", c)
			}

			got = append(got, c.ID)
		}

		if len(page) < 2 {
			break
		}

		after = page[1].ID
	}

	if !slices.Equal(got, conversations) { // ids sort by creation time
		t.Errorf("got conversations %v, want %v", got, conversations)
	}

	_, err = s.Export(ctx, uuid.New(), now)
	wantKind(t, "unknown person", err, chat.KindNotFound)
}
