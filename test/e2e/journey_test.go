package e2e

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/jackc/pgx/v5"

	"parley/test/wait"
)

// two people, in two browsers, on two replicas that nobody stops.
func adaAndBob(t *testing.T) (ada, bob *person, talk string) {
	t.Helper()
	return onSite(t).adaAndBob(t)
}

func (s *site) adaAndBob(t *testing.T) (ada, bob *person, talk string) {
	t.Helper()
	ada, bob = opensBrowser(t, unique(t, "Ada"), s.one).signsIn(), opensBrowser(t, unique(t, "Bob"), s.two).signsIn()
	talk = ada.opensConversationWith(bob)
	bob.opens(talk)
	ada.isLive()
	bob.isLive()
	return ada, bob, talk
}

func TestTwoPeopleTalkAcrossReplicas(t *testing.T) {
	t.Parallel()
	ada, bob, talk := adaAndBob(t)
	ada.sends("Hello Bob")
	bob.sees("Hello Bob")
	ada.sees("Hello Bob")
	bob.sends("Hello Ada, <b>how</b> are you? & so on")
	ada.sees("Hello Ada, <b>how</b> are you? & so on")
	ada.types("first line")
	ada.presses(shift)
	ada.types("second line")
	ada.presses(0)
	bob.sees("first line\nsecond line")
	ada.readsReceipt("Read")

	want := bob.messages()
	for _, p := range []*person{ada, bob} {
		wait.Until(t, "all is stored", p.allStored)
		p.reloads()
		wait.Until(t, p.name+" sees the same after a reload", func() bool { return slices.Equal(p.messages(), want) })
	}
	ada.opens("/conversations")
	ada.does("go back", chromedp.NavigateBack(), chromedp.WaitReady("#messages"))
	bob.sends("while you went back and forth")
	ada.sees("while you went back and forth")
	ada.does("go forward", chromedp.NavigateForward(), chromedp.WaitReady("body"))
	bob.sends("and once more")
	ada.does("go back", chromedp.NavigateBack(), chromedp.WaitReady("#messages"))
	ada.sees("and once more")
	ada.sees("while you went back and forth")

	ada.signsOut()
	ada.opens(talk)
	wait.Until(t, "what was signed out leads to the sign-in", func() bool { return strings.Contains(ada.page(), "Say it once") })
}

func TestAStreamThatIsCutHeals(t *testing.T) {
	t.Parallel()
	for name, sig := range map[string]syscall.Signal{"killed": syscall.SIGKILL, "drained": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := ownSite(t, onRealServices()...)
			ada, bob, _ := at.adaAndBob(t)
			bob.sends("before")
			ada.sees("before")
			at.replicas[0].end(sig) // Ada's, or one of those that either may be at
			for i := range 5 {
				bob.sends(fmt.Sprintf("while Ada's replica is away, %d", i))
			}
			bob.sees("while Ada's replica is away, 4")
			at.replicas[0].start()
			for i := range 5 {
				ada.sees(fmt.Sprintf("while Ada's replica is away, %d", i))
			}
			ada.isLive()
			bob.sends("after")
			ada.sees("after")
			ada.sends("and back")
			bob.sees("and back")
		})
	}
}

func TestSentTwiceIsOneMessage(t *testing.T) {
	t.Parallel()
	ada, bob, talk := adaAndBob(t)
	ada.types("once")
	ada.does("send twice at once", chromedp.Func(func(context.Context, *chromedp.Target) error {
		evaluate[bool](ada, `(() => { const f = document.getElementById("composer"); f.requestSubmit(); f.requestSubmit(); return true })()`)
		return nil
	}))
	bob.sees("once")
	// What a page without scripts does on a double click, and a retry after a lost answer: the same form again.
	for range 3 {
		got := evaluate[float64](ada, `fetch(document.getElementById("composer").action, {method: "POST", headers: {Accept: "application/json"},
			body: new URLSearchParams({body: "retried", client_id: "0198a3c2-7d1e-7c44-9e0b-5b1f8e2d9a10"})}).then(r => r.status)`)
		_ = got // a promise: what it did is seen below
	}
	bob.sees("retried")
	ada.sees("retried")
	wait.Until(t, "all is stored", ada.allStored)
	ada.reloads()
	ada.sees("once")
	ada.sees("retried")
	if n := storedCount(t, talk); n != 2 {
		t.Errorf("%d messages are stored, want 2", n)
	}
}

func TestEverybodyReadsTheSameOrder(t *testing.T) {
	t.Parallel()
	ada, bob, talk := adaAndBob(t)
	const each = 150
	var both sync.WaitGroup
	for _, p := range []*person{ada, bob} {
		both.Add(1)
		go func() {
			defer both.Done()
			for i := range each {
				text := fmt.Sprintf("%s says %d", strings.Fields(p.name)[0], i)
				evaluate[bool](p, fmt.Sprintf(`(() => { const f = document.getElementById("composer"); f.elements.body.value = %q; f.requestSubmit(); return true })()`, text))
			}
		}()
	}
	both.Wait()
	for _, p := range []*person{ada, bob} {
		wait.Until(t, p.name+" has all 300, stored", func() bool { return len(p.ids()) == 2*each && p.allStored() })
	}
	truth := storedOrder(t, talk)
	if len(truth) != 2*each {
		t.Fatalf("%d are stored", len(truth))
	}
	for _, p := range []*person{ada, bob} {
		if !slices.Equal(p.ids(), truth) {
			t.Errorf("%s reads another order live", p.name)
		}
		p.reloads()
		wait.Until(t, "the newest page", func() bool { return len(p.ids()) >= 50 })
		if ids := p.ids(); !slices.Equal(ids, truth[len(truth)-len(ids):]) {
			t.Errorf("%s reads another order after a reload", p.name)
		}
	}
}

func TestWithoutJavaScript(t *testing.T) {
	t.Parallel()
	at := onSite(t)
	bob := opensBrowser(t, unique(t, "Bob"), at.two).signsIn()
	ada := opensBrowser(t, unique(t, "Ada"), at.one)
	ada.turnsScriptsOff()
	ada.signsIn()
	talk := ada.opensConversationWith(bob)
	bob.opens(talk)
	bob.isLive()
	ada.types("no script needed")
	ada.clicks("#composer button[type=submit]", func() bool { return ada.count("no script needed") > 0 })
	ada.sees("no script needed")
	bob.sees("no script needed")
	bob.sends("I see")
	bob.readsReceipt("Stored")
	ada.reloads()
	ada.sees("I see")
	bob.readsReceipt("Read") // a full page counts as read
	ada.types(strings.Repeat("long ", 801))
	ada.clicks("#composer button[type=submit]", func() bool { return strings.Contains(ada.page(), "Too long to send") })
	if !strings.Contains(ada.page(), "Too long to send") || !strings.HasPrefix(evaluate[string](ada, `document.getElementById("message").value`), "long long") {
		t.Errorf("the words were lost, or nothing was said:\n%s", ada.page())
	}
	ada.signsOut()
}

func TestOnASmallPhone(t *testing.T) {
	t.Parallel()
	ada, bob, talk := adaAndBob(t)
	bob.sends(strings.Repeat("unbreakable", 40))
	bob.sends("right to left: שלום עולם, and emoji: 🎹👩‍👩‍👧")
	bob.sends("🎹")
	ada.does("take a phone", chromedp.EmulateViewport(320, 568))
	for _, path := range []string{talk, "/conversations", "/people?q=on", "/requests", "/friends", "/account", "/nowhere"} {
		ada.opens(path)
		if wide := evaluate[float64](ada, "document.documentElement.scrollWidth"); wide > 320 {
			t.Errorf("%s is %v px wide on a screen of 320", path, wide)
		}
	}
	ada.opens(talk)
	ada.sees("🎹")
	if !evaluate[bool](ada, `(() => { const r = document.getElementById("message").getBoundingClientRect(); return r.top > 0 && r.bottom <= innerHeight })()`) {
		t.Error("the message box is out of sight")
	}
	ada.sends("from a phone")
	bob.sees("from a phone")
}

func TestWordsAreKeptWhenNothingAnswers(t *testing.T) {
	t.Parallel()
	at := ownSite(t, onRealServices()...)
	ada, bob, _ := at.adaAndBob(t)
	at.cutOff()
	ada.sends("into the void")
	wait.Until(t, "the page says what became of it", func() bool { return strings.Contains(ada.page(), "Not confirmed") })
	at.comesBack()
	ada.clicks(`//li[contains(@class,"message")]//button[normalize-space()="Send again"]`, func() bool { return bob.count("into the void") > 0 })
	ada.sees("into the void")
	ada.sends("and on")
	bob.sees("and on")
}

// storedOrder is the truth.
func storedOrder(t *testing.T, talk string) (ids []string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, world.set.Postgres.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, "SELECT id::text FROM messages WHERE conversation_id = $1 ORDER BY seq", strings.TrimPrefix(talk, "/conversations/"))
	if err != nil {
		t.Fatal(err)
	}
	ids, err = pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func storedCount(t *testing.T, talk string) int { return len(storedOrder(t, talk)) }
