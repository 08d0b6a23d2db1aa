package chat_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

func TestGroupLinks(t *testing.T) {
	h := newHarness(t, limits{})
	id, eve := h.newGroup(chat.GroupSettings{})
	link, err := h.CreateGroupInvite(ctx, h.ada, id, chat.NewGroupInvite{})
	if err != nil || link.MaxUses != chat.DefaultInviteUses || !link.ExpiresAt.Equal(h.now.Add(chat.DefaultInviteLife)) {
		t.Fatalf("CreateGroupInvite: %+v, %v", link, err)
	}
	if list, err := h.GroupInvites(ctx, h.ada, id); err != nil || len(list) != 1 || list[0].Token != link.Token {
		t.Errorf("GroupInvites: %+v, %v, want the same token", list, err)
	}

	for name, n := range map[string]chat.NewGroupInvite{
		"a life of seconds": {Life: time.Second},
		"too long a life":   {Life: chat.MaxInviteLife + 1},
		"a negative life":   {Life: -time.Hour},
		"too many uses":     {MaxUses: chat.MaxInviteUses + 1},
		"negative uses":     {MaxUses: -1},
	} {
		if _, err := h.CreateGroupInvite(ctx, h.ada, id, n); chat.KindOf(err) != chat.KindInvalid {
			t.Errorf("%s: %v, want Invalid", name, err)
		}
	}

	personal, err := h.Invite(ctx, h.ada)
	if err != nil {
		t.Fatal(err)
	}
	forged := []byte(link.Token)
	forged[30] ^= 1
	for name, token := range map[string]string{
		"empty":                 "",
		"forged":                string(forged),
		"cut":                   link.Token[:len(link.Token)-2],
		"longer":                link.Token + "AA",
		"the id alone":          link.ID.String(),
		"a link of a person":    personal.Token,
		"other base64 alphabet": strings.Repeat("+/", 20),
	} {
		if _, err := h.ViewGroupInvite(ctx, eve, token); chat.KindOf(err) != chat.KindInviteOver {
			t.Errorf("view, %s: %v, want InviteOver", name, err)
		}
		if _, err := h.JoinGroup(ctx, eve, token); chat.KindOf(err) != chat.KindInviteOver {
			t.Errorf("join, %s: %v, want InviteOver", name, err)
		}
	}

	joining, err := h.JoinGroup(ctx, eve, link.Token)
	if err != nil || joining.ConversationID != id || joining.Waiting {
		t.Errorf("JoinGroup: %+v, %v", joining, err)
	}
	for _, p := range []chat.Person{h.ada, h.bob, eve} {
		if got := h.learnedOf(p); len(got) == 0 || got[len(got)-1] != chat.EventMember {
			t.Errorf("%s learned %v, want who joined", p.Name, got)
		}
	}

	h.now = h.now.Add(chat.DefaultInviteLife)
	if _, err := h.ViewGroupInvite(ctx, h.signIn("Fay").Person, link.Token); chat.KindOf(err) != chat.KindInviteOver {
		t.Errorf("a week later: %v, want InviteOver", err)
	}
}

// TestAnsweringSomebodyWhoWaits publishes nothing to somebody who was sent away.
func TestAnsweringSomebodyWhoWaits(t *testing.T) {
	h := newHarness(t, limits{})
	id, eve := h.newGroup(chat.GroupSettings{})
	fay := h.signIn("Fay").Person
	link, err := h.CreateGroupInvite(ctx, h.ada, id, chat.NewGroupInvite{Approval: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []chat.Person{eve, fay} {
		if j, err := h.JoinGroup(ctx, p, link.Token); err != nil || !j.Waiting {
			t.Fatalf("JoinGroup: %+v, %v, want to wait", j, err)
		}
	}

	for p, accept := range map[uuid.UUID]bool{eve.ID: true, fay.ID: false} {
		if err := h.AnswerJoinRequest(ctx, h.ada, id, p, accept); err != nil {
			t.Fatal(err)
		}
	}
	if got := h.learnedOf(fay); len(got) != 0 {
		t.Errorf("who was sent away learned %v", got)
	}
	if _, err := h.Send(ctx, eve, id, newText("hi")); err != nil {
		t.Errorf("who was let in: %v", err)
	}
	if _, err := h.Send(ctx, fay, id, newText("hi")); chat.KindOf(err) != chat.KindNotFound {
		t.Errorf("who was sent away: %v, want NotFound", err)
	}
}
