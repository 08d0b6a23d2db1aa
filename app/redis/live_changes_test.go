package redis

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/chat/chattest"
	"parley/app/limit/limittest"
	"parley/app/loop"
)

const cachedSessions = 60_000

// silentPresence publishes nothing.
type silentPresence struct{}

func (silentPresence) SharePresenceChanged(context.Context, uuid.UUID) error { return nil }

// BenchmarkLiveBesideChanges measures the delivery of events through Redis and a hub beside
// 60,000 cached sessions: alone, and while one person changes settings as fast as LIMIT_CHANGES
// allows, 20 times at once and then every 2 s. Rounds alternate; it reports the median of their
// ratios of the 99th percentiles.
func BenchmarkLiveBesideChanges(t *testing.B) {
	ctx := context.Background()
	store, cache := chattest.NewStore(), chattest.NewAccessCache()
	var access *chat.Access
	r := newReplicaWith(t, redisURL(t), discard, BusOptions{}, func(b *Bus) {
		access = chat.NewAccess(chat.AccessDeps{Store: store, Cache: cache, Bus: b, Now: time.Now})
	})
	accounts := chat.NewAccounts(chat.AccountsDeps{
		Store:      store,
		Bus:        r.bus,
		Access:     access,
		Presence:   silentPresence{},
		RateLimits: limittest.NewStore(time.Now),
		Logger:     slog.New(slog.DiscardHandler),
		Now:        time.Now,
	})
	r.invalidate = access.Invalidate // on the goroutine that delivers events, as in a replica

	var changer chat.Person
	for i := range cachedSessions {
		session, token, err := accounts.SignIn(ctx,
			chat.Identity{Provider: chat.ProviderDev, Name: fmt.Sprintf("Person %d", i)}, "", "")
		if err == nil {
			session, err = accounts.Authenticate(ctx, token)
		}
		if err != nil {
			t.Fatal(err)
		}
		changer = session.Person
	}

	ada := uuid.New()
	s := r.connects(ada)
	s.Expects("ready")
	p99 := func() time.Duration {
		latencies := make([]time.Duration, 1000)
		for i := range latencies {
			begin := time.Now()
			r.bus.Publish(ctx, chat.StoredEvent{From: 1, To: 1}, chat.ToPeople(ada))
			s.Expects("stored 1-1")
			latencies[i] = time.Since(begin)
			time.Sleep(time.Millisecond) // the rate of events: the goroutines are idle in between
		}
		slices.Sort(latencies)
		return latencies[len(latencies)*99/100]
	}

	change := changesOf(t, accounts, changer)
	var ratios []float64
	for t.Loop() {
		alone := p99()
		changing, stop := context.WithCancel(ctx)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for range 20 {
				change()
			}
			loop.Every(changing, 2*time.Second, func(context.Context) { change() })
		}()
		beside := p99()
		stop()
		<-ended
		ratios = append(ratios, float64(beside)/float64(alone))
	}
	slices.Sort(ratios)
	t.ReportMetric(ratios[len(ratios)/2], "p99-ratio")
}

// changesOf returns a function that changes a person's theme to the other one.
func changesOf(t testing.TB, accounts *chat.Accounts, person chat.Person) func() {
	changes, themes := 0, []string{"dark", "light"}
	return func() {
		change := chat.SettingsChange{Theme: &themes[changes%2]}
		if _, err := accounts.ChangeSettings(context.Background(), person, change); err != nil {
			t.Error(err)
		}
		changes++
	}
}
