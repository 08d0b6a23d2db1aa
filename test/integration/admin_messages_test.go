package integration

import (
	"fmt"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"parley/app/chat"
	"parley/test/wait"
)

// TestOperatorsFindAMessage: the page of a message, found by its id, shows where it
// has been and never its text.
func TestOperatorsFindAMessage(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ops := r.operators
	ada, bob, conversation := r.signInFriends()
	bobStream := bob.openStream()
	m := ada.send(conversation, "a private text")
	bobStream.waitFor("stored")
	found := ops.do("GET", "/pipeline/messages?id=+"+strings.ToUpper(m.ID.String())+"+")
	if want := "/pipeline/messages/" + m.ID.String(); found.status != 303 ||
		found.header.Get("Location") != want {
		t.Fatalf("lookup redirects with status %d to %s", found.status, found.header.Get("Location"))
	}

	wait.Until(t, "the page shows every hop", func() bool {
		page := ops.page("/pipeline/messages/" + m.ID.String())
		if strings.Contains(page.Text(), "a private text") {
			t.Fatal("the page shows the message's text")
		}

		var hops []string
		page.Find(".hops > li[data-state]:not(.unknown)").Each(func(_ int, hop *goquery.Selection) {
			hops = append(hops, words(hop.Find("b")))
		})
		return strings.HasPrefix(strings.Join(hops, " "), "Accepted In the log Published Delivered Stored") &&
			strings.Contains(words(page.Find(".hops")), fmt.Sprintf("offset %d", *m.LogOffset)) &&
			strings.Contains(page.Text(), "by "+r.replica.Name)
	})

	for path, status := range map[string]int{"?id=hello": 422, "/hello": 404, "/" + chat.NewID().String(): 404} {
		ops.do("GET", "/pipeline/messages"+path).expectStatus(status)
	}
}
