package integration

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"parley/app/kafka"
	"parley/app/postgres/postgrestest"
	"parley/test/services"
	"parley/test/wait"
)

// TestOperatorsSeeAnOutage: while PostgreSQL is down, the page shows the lag by
// partition as the brokers report it, the dependency and the dead letters, and the
// recovery afterwards.
func TestOperatorsSeeAnOutage(t *testing.T) {
	t.Parallel()
	server := postgrestest.Server(t)
	r, ops := startOperated(t, newAddressesAt(t, server.URL), false)
	ada, bob, eve := r.signIn("Ada"), r.signIn("Bob"), r.signIn("Eve")
	conversation, other := ada.openConversation(bob), ada.openConversation(eve)
	r.rejectPoison(true)
	ada.send(conversation, "poison one")
	for _, conversation := range []string{conversation, other} {
		ada.sendStored(conversation, "before")
	}

	var calm *goquery.Document
	wait.Until(t, "one dead letter is listed and the lag is 0", func() bool {
		calm = ops.page("/pipeline")
		return calm.Find("[data-letter]").Length() == 1 && total(lagOnPage(t, calm)) == 0
	})
	if n := calm.Find("[data-component]").Length(); n != 0 || len(lagOnPage(t, calm)) != 3 ||
		!strings.Contains(words(calm.Find(".tally")), "Everything in the log is stored") {
		t.Errorf("with all dependencies up: %d banners, summary %s", n, words(calm.Find(".tally")))
	}

	must(t, server.Pause())
	for i := range 7 {
		ada.send(conversation, fmt.Sprint("meanwhile ", i))
	}

	for i := range 4 {
		ada.send(other, fmt.Sprint("meanwhile ", i))
	}

	ada.send(other, "poison two")
	var page *goquery.Document
	wait.Until(t, "the page shows PostgreSQL as down and a lag of 12", func() bool {
		page = ops.page("/pipeline")
		return page.Find("[data-component=postgres]").Length() == 1 && total(lagOnPage(t, page)) == 12
	})

	lag := lagOnPage(t, page)
	if want := lagOfGroup(t, r.replica.KafkaOptions); total(lag) != 12 || fmt.Sprint(lag) != fmt.Sprint(want) {
		t.Errorf("lag on the page %v, according to the brokers %v", lag, want)
	}
	if got := words(page.Find("[data-component=postgres]")); !strings.Contains(got, "is away since") {
		t.Errorf("banner: %s", got)
	}

	for selector, want := range map[string]string{
		".tally":                    "12 messages on the way",
		"section:has(#database)":    "Postgres does not answer",
		"section:has(#dead) .badge": "1 waiting",
		".pipeline-step.down":       "Database",
	} {
		if got := words(page.Find(selector)); !strings.Contains(got, want) {
			t.Errorf("%s on the page: %q", selector, got)
		}
	}

	if page.Find(".pipeline-step.down").Length() != 1 || page.Find("[data-component]").Length() != 1 {
		t.Error("more than PostgreSQL is shown as down")
	}

	ops.do("GET", "/pipeline/tables").expectStatus(503)
	ops.do("GET", "/readyz").expectStatus(200)

	must(t, server.Resume())
	wait.Until(t, "the page shows no outage, a lag of 0 and two dead letters", func() bool {
		page = ops.page("/pipeline")
		return total(lagOnPage(t, page)) == 0 && page.Find("[data-component]").Length() == 0 &&
			page.Find(".pipeline-step.down").Length() == 0 && page.Find("[data-letter]").Length() == 2
	})
	if strings.Contains(page.Text(), "poison") || strings.Contains(page.Text(), "meanwhile") {
		t.Error("the page shows a message's text")
	}
}

// TestPipelineStream: the stream brings new figures and no texts.
func TestPipelineStream(t *testing.T) {
	t.Parallel()
	r, ops := startOperated(t, newAddresses(t), false)
	ada, _, conversation := r.signInFriends()
	client := http.Client{Timeout: requestTimeout} // of the whole stream: without new figures the test ends
	res, err := client.Get(ops.base + "/pipeline/events")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	frame := func() string {
		var b strings.Builder
		for lines.Scan() && lines.Text() != "" {
			b.WriteString(lines.Text() + "\n")
		}
		return b.String()
	}
	if first := frame(); !strings.HasPrefix(first, "event: pipeline\ndata: ") ||
		!strings.Contains(first, "The log is empty.") {
		t.Fatalf("first frame: %s", first)
	}

	m := ada.send(conversation, "a private text")
	for {
		f := frame()
		if f == "" {
			t.Fatal("the stream ended before the message appeared")
		}
		if strings.Contains(f, "a private text") {
			t.Fatal("the stream shows a message's text")
		}
		if strings.Contains(f, m.ID.String()) {
			return
		}
	}
}

// TestNewBrokerWithoutCoordinator: a new broker has no coordinator for the group
// yet. Its error must not end the process.
func TestNewBrokerWithoutCoordinator(t *testing.T) {
	t.Parallel()
	o := kafka.Options{
		Brokers:           startService(t, services.Kafka).URL,
		Topic:             "new",
		DeadTopic:         "new-dead",
		Group:             "new",
		Partitions:        2,
		ReplicationFactor: 1,
	}
	must(t, kafka.EnsureTopics(context.Background(), o, slog.New(slog.DiscardHandler)))

	wait.Until(t, "the state of a new broker can be read", func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		s, err := kafka.State(ctx, o)
		return err == nil && len(s.Partitions) == 2 && s.Lag() == 0
	})
}
