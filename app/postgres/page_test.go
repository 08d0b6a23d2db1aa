package postgres

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// FuzzPages checks that an accepted page can be used in a query and names the same
// page when it is encoded again, and that every other one is Invalid.
func FuzzPages(f *testing.F) {
	for _, page := range []string{
		"", "!", "bnVsbA", "eyJOYW1lIjoiYSJ9", "W10",
		encodePage(friendKeyset{"ada", uuid.New()}),
		encodePage(friendKeyset{"a\x00b", uuid.New()}),
		encodePage(conversationKeyset{time.Unix(0, 0), time.Now(), uuid.New()}),
	} {
		f.Add(page)
	}

	f.Fuzz(func(t *testing.T, page string) {
		friend, err := decodePage[friendKeyset](page)
		if err != nil && chat.KindOf(err) != chat.KindInvalid {
			t.Errorf("%q: error %v, want Invalid", page, err)
		}
		if err == nil && strings.ContainsRune(friend.Name, 0) {
			t.Errorf("%q holds a NUL, which Postgres rejects", page)
		}
		again, err2 := decodePage[friendKeyset](encodePage(friend))
		if err == nil && (err2 != nil || again != friend) {
			t.Errorf("%q: decoded %v; encoded and decoded again %v, error %v", page, friend, again, err2)
		}
		if _, err := decodePage[conversationKeyset](page); err != nil && chat.KindOf(err) != chat.KindInvalid {
			t.Errorf("%q as a page of conversations: error %v, want Invalid", page, err)
		}
	})
}
