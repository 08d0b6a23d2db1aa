package chattest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
)

// testFollowed: present members of groups that ever had more than chat.MaxSmallGroup members follow
// their channels, and nobody follows another conversation.
func testFollowed(t *testing.T, s chat.Store) {
	owner, stranger := account(t, s, "Owner"), account(t, s, "Stranger")
	var friends []uuid.UUID
	for i := range chat.MaxSmallGroup {
		friend := account(t, s, fmt.Sprint("Friend ", i))
		openDirect(t, s, owner, friend)
		friends = append(friends, friend.ID)
	}
	everybody := append([]uuid.UUID{owner.ID, stranger.ID, uuid.New()}, friends...)
	create := func(members ...uuid.UUID) uuid.UUID {
		t.Helper()
		settings := chat.GroupSettings{Name: "Choir", Posting: chat.PostingAll, History: chat.HistoryJoined}
		c, err := s.CreateGroup(ctx, owner.ID, chat.NewGroup{GroupSettings: settings, Members: members})
		if err != nil {
			t.Fatal(err)
		}
		return c.ConversationID
	}
	check := func(step string, want map[uuid.UUID][]uuid.UUID) {
		t.Helper()
		got, err := s.Followed(ctx, everybody)
		if err != nil || len(got) != len(want) {
			t.Fatalf("%s: %d people follow a channel, %v, want %d", step, len(got), err, len(want))
		}
		for person, groups := range want {
			if len(got[person]) != len(groups) ||
				slices.ContainsFunc(groups, func(id uuid.UUID) bool { return !slices.Contains(got[person], id) }) {
				t.Errorf("%s: got %v, want %v", step, got[person], groups)
			}
		}
	}
	of := func(groups []uuid.UUID, people ...uuid.UUID) map[uuid.UUID][]uuid.UUID {
		followed := map[uuid.UUID][]uuid.UUID{}
		for _, id := range people {
			followed[id] = groups
		}
		return followed
	}

	grows := create(friends[1:]...)
	check("a small group", nil)

	if _, err := s.AddMember(ctx, owner.ID, grows, friends[0], 100); err != nil {
		t.Fatal(err)
	}
	all := append([]uuid.UUID{owner.ID}, friends...)
	check("one member more", of([]uuid.UUID{grows}, all...))

	if _, err := s.RemoveMember(ctx, owner.ID, grows, friends[0]); err != nil {
		t.Fatal(err)
	}
	want := of([]uuid.UUID{grows}, append([]uuid.UUID{owner.ID}, friends[1:]...)...)
	check("a member was removed", want)

	large := create(friends...)
	for _, id := range all {
		want[id] = append(slices.Clone(want[id]), large)
	}
	check("a second large group", want)

	if got, err := s.Followed(ctx, friends[:1]); err != nil || len(got) != 1 {
		t.Errorf("one person: got %v, %v", got, err)
	}
	if got, err := s.Followed(ctx, nil); err != nil || len(got) != 0 {
		t.Errorf("nobody: got %v, %v", got, err)
	}
}
