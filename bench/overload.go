package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"parley/app/client"
	"parley/test/chaos"
)

const (
	overloadDuration = 8 * time.Second // of each load
	maxInFlight      = 16              // sends, where that is what bounds the capacity
)

// overload measures how long accepted sends take while three times the capacity
// is offered, against a tenth of it. The load is open-loop: each send has its
// time, whether or not those before it were answered. At first the capacity is
// that of a processor, then it is the limit of sends in flight.
func overload(ctx context.Context, in *installation) error {
	if in.set == nil {
		return measureOverload(ctx, in.base, 32, 30_000)
	}
	in.remove()
	fmt.Println("  as many as its processor takes; the load, PostgreSQL, Redis and Kafka have another")
	err := onOwnProcessor(ctx, func(base string) error { return measureOverload(ctx, base, 32, 30_000) })
	if err != nil {
		return err
	}

	fmt.Printf("  as many as may be under way, %d, each for as long as a slow Kafka takes\n", maxInFlight)
	return withSlowKafka(ctx, func(base string) error { return measureOverload(ctx, base, maxInFlight, 2_000) })
}

// onOwnProcessor runs a replica on the first processor and everything else, also
// this program, on the second.
func onOwnProcessor(ctx context.Context, measure func(base string) error) error {
	var before, second unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return err
	}

	if !before.IsSet(0) || !before.IsSet(1) {
		return errors.New("overload needs two processors")
	}
	second.Set(1)
	if err := confine(&second); err != nil {
		return err
	}
	defer func() { _ = confine(&before) }() // at worst the next benchmark is slower

	in, err := install(ctx, "")
	if err != nil {
		return err
	}
	defer in.remove()
	in.replica.Wrapper = []string{"taskset", "-c", "0"}
	if err := in.restart(ctx); err != nil {
		return err
	}
	return measure(in.base)
}

// confine lets all threads of this program, and what they start from now on, run
// on certain processors only.
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

// withSlowKafka runs a replica whose Kafka is 3 to 10 ms away.
func withSlowKafka(ctx context.Context, measure func(base string) error) error {
	d, err := chaos.StartDependencies(ctx, false)
	if err != nil {
		return err
	}
	defer d.Stop()
	program, err := d.Build(ctx, "parley")
	if err != nil {
		return err
	}

	c, err := chaos.NewCluster(ctx, d, program, 1, rand.New(rand.NewPCG(1, 0)),
		fmt.Sprint("LIMIT_SENDS_IN_FLIGHT=", maxInFlight), "LOG_LEVEL=warn")
	if err != nil {
		return err
	}
	defer c.Close()
	if err := d.Kafka.Links.Slow(10 * time.Millisecond); err != nil {
		return err
	}
	return measure(c.Replicas[0].Base)
}

// measureOverload offers a tenth of the capacity, three times as much, and a
// tenth again. The capacity is what so many senders get through who wait for
// their answers.
func measureOverload(ctx context.Context, base string, senders, warm int) error {
	ada, ids, err := conversations(ctx, base, 64)
	if err != nil {
		return err
	}

	send := func(body string) func(i int) error {
		return func(i int) error {
			_, err := ada.Send(ctx, client.Write(ids[i%len(ids)], body))
			return err
		}
	}

	if _, err := timed(warm, senders, send("warm")); err != nil {
		return err
	}
	capacity, err := timed(warm*2/3, senders, send("How much is there?"))
	if err != nil {
		return err
	}

	fmt.Printf("    capacity, %d in flight: %.0f per s\n", senders, capacity.perSecond)

	var loads []*load
	for _, phase := range []struct {
		name  string
		share float64 // of the capacity
	}{{"a tenth", .1}, {"three times", 3}, {"a tenth again", .1}} {
		l, err := offer(ctx, ada, ids, capacity.perSecond*phase.share)
		if err != nil {
			return err
		}
		l.print(phase.name)
		loads = append(loads, l)
	}

	p99 := func(i int) float64 { return float64(quantile(loads[i].accepted, .99)) }
	fmt.Printf("    accepted p99, three times / a tenth: %.2f (a tenth again / a tenth: %.2f)\n",
		p99(1)/p99(0), p99(2)/p99(0))
	if loads[1].silent > 0 {
		return errors.New("some sends were rejected without a Retry-After")
	}
	return nil
}
