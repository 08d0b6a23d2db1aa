package postgres

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// FuzzPages: what is taken for a page's name can be asked of Postgres, and names the same page again.
func FuzzPages(f *testing.F) {
	for _, page := range []string{"", "!", "bnVsbA", encodePage(friendKeyset{"ada", uuid.New()}), encodePage(friendKeyset{"a\x00b", uuid.New()}), encodePage(conversationKeyset{time.Now(), uuid.New()}), "eyJOYW1lIjoiYSJ9", "W10"} {
		f.Add(page)
	}
	f.Fuzz(func(t *testing.T, page string) {
		friend, err := decodePage[friendKeyset](page)
		if err != nil && chat.KindOf(err) != chat.KindInvalid {
			t.Errorf("%q: %v", page, err)
		}
		if err == nil && strings.ContainsRune(friend.Name, 0) {
			t.Errorf("%q holds a NUL, which Postgres refuses", page)
		}
		if again, err2 := decodePage[friendKeyset](encodePage(friend)); err == nil && (err2 != nil || again != friend) {
			t.Errorf("%q: %v, and again %v, %v", page, friend, again, err2)
		}
		if _, err := decodePage[conversationKeyset](page); err != nil && chat.KindOf(err) != chat.KindInvalid {
			t.Errorf("%q: %v", page, err)
		}
	})
}
