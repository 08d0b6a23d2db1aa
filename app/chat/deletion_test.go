package chat_test

import (
	"testing"

	"parley/app/chat"
)

func TestDeletionRequiresTheName(t *testing.T) {
	h := newHarness(t, limits{})
	for _, typed := range []string{"", "Bob", "Ada\u202e", "A d a"} {
		if err := h.DeleteAccount(ctx, h.ada, typed); invalidField(err) != "name" {
			t.Errorf("%q: got %v, want an invalid name", typed, err)
		}
	}

	if len(h.bus.Broadcasts) > 0 {
		t.Fatalf("got broadcasts %v, want none", h.bus.Broadcasts)
	}

	for range 2 { // by two pages: the second call finds nothing and succeeds too
		if err := h.DeleteAccount(ctx, h.ada, " ada "); err != nil {
			t.Fatal(err)
		}
	}

	sessions := 0
	for _, e := range h.bus.Broadcasts {
		if e.(chat.InvalidateEvent).Session != nil {
			sessions++
		}
	}

	if sessions != 1 {
		t.Errorf("got %d invalidated sessions, want 1", sessions)
	}
}
