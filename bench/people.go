package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"parley/app/client"
)

// transport reuses connections, as a balancer does, for all people of the
// benchmarks.
var transport = &http.Transport{
	MaxIdleConnsPerHost: 256,
	DisableCompression:  true,
	DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
}

func signIn(ctx context.Context, base, name string) (*client.Client, error) {
	return client.SignIn(ctx, base, name, client.Options{Transport: transport})
}

// signInMany signs in n people, named with their number.
func signInMany(ctx context.Context, base, name string, n int) ([]*client.Client, error) {
	people := make([]*client.Client, n)
	return people, each(n, min(n, 16), func(i int) (err error) {
		people[i], err = signIn(ctx, base, fmt.Sprintf("%s %d", name, i))
		return err
	})
}

// conversations opens a conversation of Ada with each of n others.
func conversations(ctx context.Context, base string, n int) (ada *client.Client, ids []uuid.UUID, err error) {
	if ada, err = signIn(ctx, base, "Ada"); err != nil {
		return nil, nil, err
	}
	others, err := signInMany(ctx, base, "Bob", n)
	if err != nil {
		return nil, nil, err
	}
	ids, err = befriend(ctx, ada, others)
	return ada, ids, err
}

// befriend opens a conversation of one person with each of the others.
func befriend(ctx context.Context, one *client.Client, others []*client.Client) ([]uuid.UUID, error) {
	ids := make([]uuid.UUID, len(others))
	for i, other := range others {
		var err error
		if ids[i], err = one.Befriend(ctx, other); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// each calls f for 0 to n-1, so many at once, and returns the first errors.
func each(n, concurrency int, f func(i int) error) error {
	var workers sync.WaitGroup
	errs := make(chan error, concurrency)
	for w := range concurrency {
		workers.Go(func() {
			for i := w; i < n; i += concurrency {
				if err := f(i); err != nil {
					errs <- err
					return
				}
			}
		})
	}

	workers.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}
