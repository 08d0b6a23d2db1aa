package main

import (
	"context"
	"slices"
	"time"
)

// timing is how long the calls of a benchmark took.
type timing struct {
	p50, p99  time.Duration
	perSecond float64
}

// timed calls f for 0 to n-1, so many at once.
func timed(n, concurrency int, f func(i int) error) (timing, error) {
	all := make([]time.Duration, n)
	begin := time.Now()
	err := each(n, concurrency, func(i int) error {
		start := time.Now()
		err := f(i)
		all[i] = time.Since(start)
		return err
	})
	took := time.Since(begin)
	return timing{quantile(all, .5), quantile(all, .99), float64(n) / took.Seconds()}, err
}

// quantile returns a quantile of durations, which it sorts; 0 of none.
func quantile(all []time.Duration, q float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[min(len(all)-1, int(q*float64(len(all))))]
}

// median returns the median of values, which it sorts.
func median[T float64 | time.Duration](all []T) T {
	slices.Sort(all)
	return all[len(all)/2]
}

// paced yields 0, 1, 2 … at a rate, for a while or until ctx ends.
func paced(ctx context.Context, perSecond int, during time.Duration) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		begin := time.Now()
		for i := range int(during.Seconds() * float64(perSecond)) {
			due := begin.Add(time.Duration(i) * time.Second / time.Duration(perSecond))
			select {
			case <-time.After(time.Until(due)):
			case <-ctx.Done():
				return
			}
			if !yield(i) {
				return
			}
		}
	}
}
