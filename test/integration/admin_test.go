package integration

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"parley/app/chat"
	"parley/app/config"
	"parley/app/kafka"
	"parley/app/postgres/postgrestest"
	"parley/app/replica"
	"parley/test/services"
	"parley/test/wait"
)

// TestOperatorsSeeAnOutage: while PostgreSQL is down, the page shows the lag by
// partition as the brokers report it, the dependency and the dead letters, and the
// recovery afterwards.
func TestOperatorsSeeAnOutage(t *testing.T) {
	server := postgrestest.Server(t)
	r, ops := startOperated(t, newAddresses(t), false)
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

// TestListenersAreSeparate: the listeners for people and for operators share only
// the probes. The one for operators rejects foreign host names (DNS rebinding) and
// posts of other sites.
func TestListenersAreSeparate(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ops := r.operators
	ada := r.signIn("Ada")
	for _, path := range []string{
		"/metrics", "/pipeline", "/pipeline/events",
		"/pipeline/tables", "/pipeline/tables/users", "/pipeline/letters/0-0",
	} {
		if got := ada.get(path); got.status != 404 {
			t.Errorf("public listener: status %d at %s", got.status, path)
		}
	}

	for _, path := range []string{"/conversations", "/signin", "/events", "/account", "/gallery"} {
		got := ops.do("GET", path)
		got.expectStatus(404)
		checkHeaders(t, path, got.header, false)
	}

	ops.do("GET", "/").expectStatus(303)
	if got := ops.do("GET", "/metrics"); got.status != 200 || !strings.Contains(got.body, "\nparley_") {
		t.Errorf("metrics: status %d: %.200s", got.status, got.body)
	}

	for _, path := range []string{"/healthz", "/readyz"} {
		ops.do("GET", path).expectStatus(200)
		ada.get(path).expectStatus(200)
	}

	page := ops.do("GET", "/pipeline")
	for name, values := range ada.get("/conversations", "Accept", "text/html").header {
		if strings.HasPrefix(name, "Content-Security") || strings.HasPrefix(name, "Cross-Origin") ||
			name == "Permissions-Policy" || name == "Cache-Control" {
			if got := page.header.Get(name); got != values[0] {
				t.Errorf("header %s: %q, on people's pages %q", name, got, values[0])
			}
		}
	}

	ops.page("/pipeline").Find("link[rel=stylesheet], script[src]").Each(func(_ int, s *goquery.Selection) {
		file := s.AttrOr("href", s.AttrOr("src", ""))
		if got := ops.do("GET", file); got.status != 200 ||
			!strings.Contains(got.header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: status %d", file, got.status)
		}
	})

	_, port, _ := net.SplitHostPort(strings.TrimPrefix(ops.base, "http://"))
	for host, status := range map[string]int{
		"localhost:" + port:      200,
		"127.0.0.1":              200,
		"[::1]:" + port:          200,
		"evil.example:" + port:   421,
		"10.0.0.1:" + port:       421,
		"localhost.evil.example": 421,
	} {
		for _, path := range []string{"/pipeline/tables", "/healthz"} {
			if got := ops.do("GET", path, "Host", host); got.status != status {
				t.Errorf("%s with Host %s: status %d", path, host, got.status)
			}
		}
	}

	discard := "/pipeline/letters/0-0/discard"
	ops.do("POST", discard, "Sec-Fetch-Site", "cross-site").expectStatus(403)
	ops.do("POST", discard, "Origin", "http://evil.example").expectStatus(403)
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

	m := ada.send(conversation, "a word of hers")
	for {
		f := frame()
		if f == "" {
			t.Fatal("the stream ended before the message appeared")
		}
		if strings.Contains(f, "a word of hers") {
			t.Fatal("the stream shows a message's text")
		}
		if strings.Contains(f, m.ID.String()) {
			return
		}
	}
}

// TestReplicaList: replicas register in Redis. While Redis is down a page lists only
// its own replica and says so.
func TestReplicaList(t *testing.T) {
	t.Parallel()
	redis := startService(t, services.Redis)
	addresses := newAddresses(t)
	addresses.RedisURL = redis.URL
	one, ops := startOperated(t, addresses, false)
	two := startReplicaAt(t, addresses)
	two.signIn("Bob").openStream()
	row := func(page *goquery.Document, r *instance) string {
		var cells []string
		page.Find(`[data-replica="` + r.replica.Name + `"] td`).Each(func(_ int, cell *goquery.Selection) {
			cells = append(cells, words(cell))
		})
		return strings.Join(cells, " ")
	}

	wait.Until(t, "the page lists both replicas with their figures", func() bool {
		page := ops.page("/pipeline")
		return strings.Contains(row(page, one), "Ready") && strings.Contains(row(page, two), "Ready 1 ") &&
			page.Find("#only-this").Length() == 0
	})

	redis.Kill()
	wait.Until(t, "the page lists only its own replica", func() bool {
		page := ops.page("/pipeline")
		return strings.Contains(row(page, one), "Without Redis") && row(page, two) == "" &&
			page.Find("#only-this").Length() == 1 && page.Find("[data-component=redis]").Length() == 1
	})
}

// TestOperatorsPort: a configured port that is in use is an error that names a free
// one. Without configuration a free port is used.
func TestOperatorsPort(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	cfg := config.Config{Host: "127.0.0.1", Port: port - 1000}
	l, err := replica.ListenForOperators(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if got := l.Addr().(*net.TCPAddr); got.Port == port || !got.IP.IsLoopback() {
		t.Errorf("listening at %s", got)
	}

	cfg.OpsAddr = taken.Addr().String()
	if _, err := replica.ListenForOperators(cfg); err == nil ||
		!strings.Contains(err.Error(), "write OPS_ADDR=127.0.0.1:") {
		t.Errorf("address in use: error %v", err)
	}
}

// TestOperatorsFindAMessage: the page of a message, found by its id, shows where it
// has been and never its text.
func TestOperatorsFindAMessage(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ops := r.operators
	ada, bob, conversation := r.signInFriends()
	bobStream := bob.openStream()
	m := ada.send(conversation, "a word of hers")
	bobStream.waitFor("stored")
	found := ops.do("GET", "/pipeline/messages?id=+"+strings.ToUpper(m.ID.String())+"+")
	if want := "/pipeline/messages/" + m.ID.String(); found.status != 303 ||
		found.header.Get("Location") != want {
		t.Fatalf("lookup redirects with status %d to %s", found.status, found.header.Get("Location"))
	}

	wait.Until(t, "the page shows every hop", func() bool {
		page := ops.page("/pipeline/messages/" + m.ID.String())
		if strings.Contains(page.Text(), "a word of hers") {
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
