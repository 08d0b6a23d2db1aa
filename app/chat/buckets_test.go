package chat_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/chat/chattest"
)

func TestBuckets(t *testing.T) {
	now := time.Unix(1000, 0)
	b := chat.NewBuckets[string](chat.Limit{Burst: 2, PerSecond: 0.5}, func() time.Time { return now })
	for i, want := range []bool{true, true, false} {
		if err := b.Take(ctx, "ada"); (err == nil) != want {
			t.Fatalf("take %d: %v", i, err)
		}
	}
	err := b.Take(ctx, "ada")
	if chat.KindOf(err) != chat.KindTooFast || err.(*chat.Error).RetryAfter != 2*time.Second {
		t.Errorf("refused with %v", err)
	}
	if err := b.Take(ctx, "bob"); err != nil {
		t.Errorf("one person's budget is another's: %v", err)
	}
	now = now.Add(2 * time.Second)
	if err := b.Take(ctx, "ada"); err != nil {
		t.Errorf("after the wait that was named: %v", err)
	}
	none := chat.NewBuckets[string](chat.Limit{}, func() time.Time { return now }).Shared(chattest.NewLedger(nil), "none")
	for range 1000 {
		if none.Take(ctx, "ada") != nil {
			t.Fatal("no limit limits")
		}
	}
}

// replicas are several doors to one budget of 40 and 10 a second.
func replicas(n int, ledger chat.Ledger, now func() time.Time) (all []*chat.Buckets[string]) {
	for range n {
		all = append(all, chat.NewBuckets[string](chat.Limit{Burst: 40, PerSecond: 10}, now).Shared(ledger, "test"))
	}
	return all
}

// takes counts what of n attempts, on the replicas in turn, is admitted.
func takes(n int, all ...*chat.Buckets[string]) (admitted int) {
	for i := range n {
		if all[i%len(all)].Take(ctx, "ada") == nil {
			admitted++
		}
	}
	return admitted
}

// TestReplicasShareABudget: together they admit what one may, and what each has leased counts.
func TestReplicasShareABudget(t *testing.T) {
	var clock atomic.Int64
	now := func() time.Time { return time.Unix(1000, clock.Load()) }
	all := replicas(3, chattest.NewLedger(now), now)
	if got := takes(300, all...); got < 40-2*5 || got > 40 {
		t.Errorf("at once, three admit %d of 40", got)
	}
	sum := 0
	for range 100 { // ten seconds
		clock.Add(int64(100 * time.Millisecond))
		sum += takes(30, all...)
	}
	if sum < 100-3*5 || sum > 100+3*5 {
		t.Errorf("in ten seconds of 10 each they admit %d", sum)
	}
}

// TestTheCommonCaseAsksNobody: leases are for several, a refused flood is refused here, and whoever is refused hears when to come back.
func TestTheCommonCaseAsksNobody(t *testing.T) {
	now := func() time.Time { return time.Unix(1000, 0) }
	ledger := chattest.NewLedger(now)
	one := replicas(1, ledger, now)[0]
	if got := takes(40, one); got != 40 {
		t.Fatalf("admitted %d of 40", got)
	}
	taken, _, _ := ledger.Lease(ctx, "test:bob", chat.Limit{Burst: 40, PerSecond: 10}, 40) // by others
	if err := one.Take(ctx, "bob"); taken != 40 || chat.KindOf(err) != chat.KindTooFast || err.(*chat.Error).RetryAfter < time.Second {
		t.Errorf("%d taken by others; refused with %v", taken, err)
	}
	before := ledger.Asked()
	for range 1000 {
		if one.Take(ctx, "bob") == nil {
			t.Fatal("admitted out of nothing")
		}
	}
	// One more may be Ada's last, in the background.
	if got := ledger.Asked() - before; got > 1 || before > 40/2+4 {
		t.Errorf("the ledger was asked %d times for 40, then %d times for nothing", before, got)
	}
}

// TestBudgetsWithoutTheLedger: each replica alone admits no more than the limit, also right after it noticed.
func TestBudgetsWithoutTheLedger(t *testing.T) {
	now := func() time.Time { return time.Unix(1000, 0) }
	ledger := chattest.NewLedger(now)
	one := replicas(1, ledger, now)[0]
	if got := takes(10, one); got != 10 {
		t.Fatalf("admitted %d of 10", got)
	}
	ledger.SetDown(true)
	if got := takes(100, one); got != 30 {
		t.Errorf("then, without the ledger, %d of the 30 that are left", got)
	}
	ledger.SetDown(false)
	if got := takes(100, one); got != 0 {
		t.Errorf("its return brings %d more", got)
	}
}

// TestManyAtOnce: all who wait for a lease are served by it, or by the next.
func TestManyAtOnce(t *testing.T) {
	now := func() time.Time { return time.Unix(1000, 0) }
	all := replicas(2, chattest.NewLedger(now), now)
	var wg sync.WaitGroup
	var admitted atomic.Int64
	for i := range 400 {
		wg.Go(func() {
			if all[i%2].Take(ctx, "ada") == nil {
				admitted.Add(1)
			}
		})
	}
	wg.Wait()
	if got := admitted.Load(); got < 40-5 || got > 40 {
		t.Errorf("admitted %d of 40", got)
	}
}

// TestMessageBudgetIsSpentFromBothOrNeither: while a conversation is exhausted, those who try there lose nothing elsewhere.
func TestMessageBudgetIsSpentFromBothOrNeither(t *testing.T) {
	h := newHouse(t, chat.Limits{Messages: chat.Limit{Burst: 2, PerSecond: 1}, Conversation: chat.Limit{Burst: 1, PerSecond: 1}})
	eve := h.signsIn("Eve").Person
	chattest.Befriend(t, h.store, h.ada, eve)
	other, _, err := h.OpenDirect(ctx, h.ada, eve.ID)
	if err != nil {
		t.Fatal(err)
	}
	send := func(to uuid.UUID) error {
		_, err := h.Send(ctx, h.ada, to, chat.NewMessage{ClientID: chat.NewID().String(), Body: "hi"})
		return err
	}
	if err := send(h.talk); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if err := send(h.talk); chat.KindOf(err) != chat.KindTooFast {
			t.Fatalf("the conversation has no limit: %v", err)
		}
	}
	if err := send(other.ID); err != nil {
		t.Errorf("refused sends cost the sender: %v", err)
	}
}
