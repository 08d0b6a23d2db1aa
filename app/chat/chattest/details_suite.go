package chattest

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
)

func testNumbers(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	id, other := openDirect(t, s, ada, bob), openDirect(t, s, ada, account(t, s, "Cy"))
	check := func(what string, of uuid.UUID, want chat.Numbers) {
		t.Helper()
		if got, err := s.Numbers(ctx, of, 0); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v, want %+v", what, got, err, want)
		}
	}

	none := chat.Numbers{Missing: []chat.Gap{}}
	check("no messages", id, none)
	for i := range 3 {
		storeMessages(t, s, id, newMessage(ada, id, fmt.Sprint(i), i))
	}

	check("three messages", id, chat.Numbers{First: 1, Last: 3, Count: 3, Missing: []chat.Gap{}})
	check("another conversation", other, none)
	for after, want := range map[int64]chat.Numbers{
		1: {First: 2, Last: 3, Count: 2, Missing: []chat.Gap{}},
		3: none,
		9: none,
	} {
		if got, err := s.Numbers(ctx, id, after); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("after %d: got %+v, %v, want %+v", after, got, err, want)
		}
	}
	check("unknown conversation", uuid.New(), none)
}
