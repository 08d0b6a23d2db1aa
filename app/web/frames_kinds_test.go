package web

import (
	"testing"

	"parley/app/chat"
)

// TestFragmentsFollowTheKinds compares eventFragment with the table of event kinds.
func TestFragmentsFollowTheKinds(t *testing.T) {
	for _, kind := range chat.EventKinds() {
		e, err := chat.DecodeEvent([]byte(`{"v":1,"kind":"` + string(kind) + `","data":{}}`))
		if err != nil {
			t.Fatal(err)
		}
		html := kind.HTML()
		want := html == chat.PayloadMessage || html == chat.PayloadFragment
		if got := eventFragment(e, false) != nil; got != want {
			t.Errorf("%s: HTML fragment %v, want %v", kind, got, want)
		}
	}
}
