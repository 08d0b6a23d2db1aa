package integration

import (
	"fmt"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// TestPagination: pages of a conversation link to the pages before and after them,
// and permalinks show their message.
func TestPagination(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada, bob, conversation := r.signInFriends()
	var bodies []string
	for i := range 120 {
		bodies = append(bodies, fmt.Sprint(i+1))
	}

	bob.sendStored(conversation, bodies...)
	seqs := func(doc *goquery.Document) string {
		rows := doc.Find("#messages > .message")
		return rows.First().AttrOr("data-seq", "") + "–" + rows.Last().AttrOr("data-seq", "")
	}

	if first := ada.page(conversation).Find("#messages > .message").First().AttrOr("data-seq", ""); first != "1" {
		t.Errorf("a page with 120 unread messages begins at %s", first)
	}

	newest := ada.page(conversation + "?newest=1")
	link := newest.Find(".earlier a").AttrOr("href", "")
	if seqs(newest) != "71–120" || link != conversation+"?before=71" || newest.Find(".later").Length() != 0 {
		t.Errorf("newest page: %s, its link: %s", seqs(newest), link)
	}

	earlier := ada.page(link)
	if seqs(earlier) != "21–70" || earlier.Find(".later a").AttrOr("href", "") != conversation+"?newest=1#latest" {
		t.Errorf("earlier page: %s", seqs(earlier))
	}

	part := ada.page(conversation+"?before=21", "HX-Request", "true")
	if seqs(part) != "1–20" || !strings.Contains(part.Find(".earlier").Text(), "This is where it began") {
		t.Errorf("fragment: %s", seqs(part))
	}

	if after := ada.page(conversation+"?after=70", "HX-Request", "true"); seqs(after) != "71–120" ||
		after.Find(".earlier").Length() != 0 {
		t.Errorf("fragment: %s", seqs(after))
	}

	permalink := newest.Find("#messages > .message").First().Find("a:has(time)").AttrOr("href", "")
	target := ada.page(permalink).Find(".message.at[autofocus]")
	if permalink != conversation+"?at=71" || target.AttrOr("data-seq", "") != "71" {
		t.Errorf("permalink %s: seq %s", permalink, target.AttrOr("data-seq", "nothing"))
	}

	for path, want := range map[string]string{"?at=9999": "71–120", "?at=0": "1–25", "?at=1": "1–25"} {
		doc := ada.page(conversation + path)
		if there := doc.Find(".at").Length() == 1; seqs(doc) != want || there != (path == "?at=1") {
			t.Errorf("%s: %s, want %s", path, seqs(doc), want)
		}
	}
}
