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
)

const cachedSessions = 60_000

// silentPresence publishes nothing.
type silentPresence struct{}

func (silentPresence) SharePresenceChanged(context.Context, uuid.UUID) error { return nil }

// TestLiveBesideChanges measures the delivery of events through Redis and a hub beside 60,000
// cached sessions: alone, and while one person changes settings 60 times a second. It asserts
// nothing but that all arrive; -v shows the figures, each of five alternating rounds.
func TestLiveBesideChanges(t *testing.T) {
	if testing.Short() || !testing.Verbose() {
		t.Skip("a measurement: run it with -v")
	}
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
			r.bus.Publish(ctx, chat.StoredEvent{From: 1, To: 1}, []uuid.UUID{ada})
			s.Expects("stored 1-1")
			latencies[i] = time.Since(begin)
			time.Sleep(time.Millisecond)
		}
		slices.Sort(latencies)
		return latencies[len(latencies)*99/100]
	}

	for range 5 {
		alone := p99()
		changing, stop := context.WithCancel(ctx)
		ended := make(chan int)
		go func() {
			changes, themes := 0, []string{"dark", "light"}
			for tick := time.NewTicker(time.Second / 60); changing.Err() == nil; <-tick.C {
				if _, err := accounts.ChangeSettings(ctx, changer, chat.SettingsChange{Theme: &themes[changes%2]}); err != nil {
					t.Error(err)
				}
				changes++
			}
			ended <- changes
		}()
		beside := p99()
		stop()
		t.Logf("p99 alone %v, beside %d changes %v: × %.2f", alone, <-ended, beside, float64(beside)/float64(alone))
	}
}
