package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"parley/test/chaos"
)

// overloadFor is how long each load lasts.
const overloadFor = 8 * time.Second

// overload measures what sends take that a replica accepts while three times as many are offered as it can take, against a tenth of what it can. They
// arrive open loop: at their time, whether or not those before them were answered. First what it can take is what a processor gives. Then it is how many may
// be under way.
func overload(ctx context.Context, l *local) error {
	if l.set == nil {
		return overloaded(ctx, l, 32, 30_000)
	}
	l.close()
	fmt.Println("  as many as its processor takes; the load, PostgreSQL, Redis and Kafka have another")
	if err := ownProcessor(ctx, func(l *local) error { return overloaded(ctx, l, 32, 30_000) }); err != nil {
		return err
	}
	fmt.Printf("  as many as may be under way, %d, each for as long as a slow Kafka takes\n", underWay)
	return slowKafka(ctx, func(l *local) error { return overloaded(ctx, l, underWay, 2_000) })
}

// ownProcessor lets a replica run on the first processor, and everything else on the second, this program too.
func ownProcessor(ctx context.Context, measure func(*local) error) error {
	var before, second unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return err
	}
	if !before.IsSet(0) || !before.IsSet(1) {
		return errors.New("it needs two processors")
	}
	second.Set(1)
	if err := confine(&second); err != nil {
		return err
	}
	defer func() { _ = confine(&before) }()
	l, err := newLocal(ctx, "")
	if err != nil {
		return err
	}
	defer l.close()
	l.stop()
	l.on = "0"
	if err := l.start(); err != nil {
		return err
	}
	return measure(l)
}

// confine has all threads of this program, and what they start from now on, run on certain processors.
func confine(to *unix.CPUSet) error {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, t := range threads {
		id, err := strconv.Atoi(t.Name())
		if err != nil {
			return err
		}
		if err := unix.SchedSetaffinity(id, to); err != nil && !errors.Is(err, unix.ESRCH) {
			return err
		}
	}
	return nil
}

// underWay is how many sends may be, when that is what bounds them.
const underWay = 16

// slowKafka lets a replica run whose Kafka is some way off.
func slowKafka(ctx context.Context, measure func(*local) error) error {
	parts, err := chaos.StartParts(ctx, false)
	if err != nil {
		return err
	}
	defer parts.Stop()
	program, err := parts.Build(ctx, "parley", "")
	if err != nil {
		return err
	}
	world, err := chaos.NewCluster(ctx, parts, program, 1, rand.New(rand.NewPCG(1, 0)), fmt.Sprint("LIMIT_SENDS_IN_FLIGHT=", underWay), "LOG_LEVEL=warn")
	if err != nil {
		return err
	}
	defer world.End()
	if err := parts.Kafka.Link.Slow(10 * time.Millisecond); err != nil {
		return err
	}
	return measure(&local{base: world.Replicas[0].Base})
}

// overloaded offers a tenth of the capacity, three times as much, and a tenth again. The capacity is what so many senders get through who wait for their answers.
func overloaded(ctx context.Context, l *local, senders, warm int) error {
	ada, talks, err := conversations(l, 64)
	if err != nil {
		return err
	}
	if _, _, _, err := timed(warm, senders, func(i int) error { return ada.sends(talks[i%len(talks)], "warm") }); err != nil {
		return err
	}
	_, _, capacity, err := timed(warm*2/3, senders, func(i int) error { return ada.sends(talks[i%len(talks)], "How much is there?") })
	if err != nil {
		return err
	}
	fmt.Printf("    capacity, %d in flight: %.0f per s\n", senders, capacity)
	phases := []struct {
		name string
		of   float64 // of the capacity
		load *load
	}{{"a tenth", .1, nil}, {"three times", 3, nil}, {"a tenth again", .1, nil}}
	for i := range phases {
		r := &phases[i]
		if r.load, err = ada.offers(ctx, talks, capacity*r.of, overloadFor); err != nil {
			return err
		}
		a := r.load
		fmt.Printf("    %-14s offered %.0f/s (%d more found no connection)  accepted %d (%.0f/s)  refused %d, %d without Retry-After  failed %d\n", r.name,
			a.rate(), a.unsent, len(a.accepted), float64(len(a.accepted))/a.took.Seconds(), len(a.refused), a.silent, a.failed)
		fmt.Printf("    %-14s accepted p50 %v p99 %v  refused p50 %v p99 %v\n", "",
			quantile(a.accepted, .5), quantile(a.accepted, .99), quantile(a.refused, .5), quantile(a.refused, .99))
	}
	quiet, flood, again := phases[0].load, phases[1].load, phases[2].load
	calm := quantile(quiet.accepted, .99)
	fmt.Printf("    accepted p99, three times / a tenth: %.2f (a tenth again / a tenth: %.2f)\n",
		float64(quantile(flood.accepted, .99))/float64(calm), float64(quantile(again.accepted, .99))/float64(calm))
	if flood.silent > 0 {
		return errors.New("some were refused without a Retry-After")
	}
	return nil
}

// conversations are Ada's with so many people.
func conversations(l *local, n int) (ada *client, talks []string, err error) {
	if ada, err = signIn(l.base, "Ada"); err != nil {
		return nil, nil, err
	}
	for i := range n {
		bob, err := signIn(l.base, fmt.Sprintf("Bob %d", i))
		if err != nil {
			return nil, nil, err
		}
		talk, err := ada.opens(bob)
		if err != nil {
			return nil, nil, err
		}
		talks = append(talks, talk)
	}
	return ada, talks, nil
}

// load is what became of the sends that were offered.
type load struct {
	mu                sync.Mutex
	accepted, refused []time.Duration // how long each took
	silent            int             // refused without a Retry-After
	failed            int             // no answer, or none of these
	offered, unsent   int
	took              time.Duration
}

func (l *load) rate() float64 { return float64(l.offered) / l.took.Seconds() }

// overloadConnections is how many requests wait for an answer at once, at most: enough for what is offered while refusals take their time.
const overloadConnections = 4096

// offers sends so many per second for a while. What finds no connection when it is due isn't sent, and each counts from when it was: the load's own
// want of a processor is no fault of the replica's.
func (c *client) offers(ctx context.Context, talks []string, perSecond float64, during time.Duration) (*load, error) {
	r, due := &load{}, make(chan string)
	var all sync.WaitGroup
	defer all.Wait()
	defer close(due)
	for range overloadConnections {
		s, err := c.sender()
		if err != nil {
			return nil, err
		}
		all.Go(func() {
			defer s.conn.Close()
			for talk := range due {
				r.note(s, talk)
			}
		})
	}
	begin := time.Now()
	for i := 0; time.Since(begin) < during && ctx.Err() == nil; i++ {
		at := begin.Add(time.Duration(float64(i) / perSecond * float64(time.Second)))
		if wait := time.Until(at); wait > 0 {
			time.Sleep(wait)
		}
		select {
		case due <- talks[i%len(talks)]:
			r.offered++
		default:
			r.unsent++
		}
	}
	r.took = time.Since(begin)
	return r, nil
}

func (r *load) note(s *sender, talk string) {
	sent := time.Now()
	a, err := s.sends(talk, "Is anybody getting through?")
	took := time.Since(sent)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil && a.status == http.StatusCreated:
		r.accepted = append(r.accepted, took)
	case err == nil && (a.status == http.StatusServiceUnavailable || a.status == http.StatusTooManyRequests):
		r.refused = append(r.refused, took)
		if !a.retryAfter {
			r.silent++
		}
	default:
		r.failed++
	}
}
