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
		if got, err := s.Numbers(ctx, of); err != nil || !reflect.DeepEqual(got, want) {
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
	check("unknown conversation", uuid.New(), none)
}
