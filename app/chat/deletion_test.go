package chat_test

import (
	"testing"

	"parley/app/chat"
)

func TestDeletionWantsTheName(t *testing.T) {
	h := newHarness(t, limits{})
	for _, typed := range []string{"", "Bob", "Ada\u202e", "A d a"} {
		if err := h.DeleteAccount(ctx, h.ada, typed); invalidField(err) != "name" {
			t.Errorf("%q: %v", typed, err)
		}
	}

	if len(h.bus.Broadcasts) > 0 {
		t.Fatalf("said %v", h.bus.Broadcasts)
	}

	for range 2 { // by two pages at once: the second finds nothing, and answers the same
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
		t.Errorf("%d sessions were ended everywhere, want 1", sessions)
	}
}
