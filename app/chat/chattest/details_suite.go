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
	is := func(what string, of uuid.UUID, want chat.Numbers) {
		t.Helper()
		if got, err := s.Numbers(ctx, of); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v; want %+v", what, got, err, want)
		}
	}

	none := chat.Numbers{Missing: []chat.Gap{}}
	is("nothing said", id, none)
	for i := range 3 {
		storeMessages(t, s, id, newMessage(ada, id, fmt.Sprint(i), i))
	}

	is("three", id, chat.Numbers{First: 1, Last: 3, Count: 3, Missing: []chat.Gap{}})
	is("another conversation", other, none)
	is("no conversation", uuid.New(), none)
}
