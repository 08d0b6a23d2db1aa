package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"parley/app/client"
)

const (
	phaseDuration = 10 * time.Second
	phaseRounds   = 7
	floodRate     = 120 // messages of 16 KB per second to the people who don't read: 6 to each
)

// readers measures what people who don't read cost the others, what streams that
// come and go leave behind, and what a lack of descriptors does.
func readers(ctx context.Context, in *installation) error {
	if in.replica == nil {
		return errTarget
	}
	return errors.Join(besideStalled(ctx, in), churn(ctx, in), exhaustDescriptors(ctx, in))
}

// besideStalled sends the same messages with and without stalled readers, in
// turns, so that other load of the machine affects both.
func besideStalled(ctx context.Context, in *installation) error {
	active, err := newActiveReaders(ctx, in.base)
	if err != nil {
		return err
	}
	defer active.close()
	stalled, err := newStalledReaders(ctx, in, active.ada)
	if err != nil {
		return err
	}

	if _, err := timed(30_000, 32, func(i int) error {
		_, err := active.ada.Send(ctx, client.Write(active.conversations[i%activeCount], "warm"))
		return err
	}); err != nil {
		return err
	}

	flooding, stop := context.WithCancel(ctx)
	var flood sync.WaitGroup
	flood.Go(func() { stalled.flood(flooding) })
	defer flood.Wait()
	defer stop()
	if _, err := active.phase(ctx); err != nil { // warm up
		return err
	}

	var without, with phases
	var before figures
	for range phaseRounds {
		latencies, err := stalled.beside(ctx, active, 0)
		if err != nil {
			return err
		}
		without.add(latencies)
		if before == nil {
			if before, err = leastFigures(ctx, in); err != nil {
				return err
			}
		}
		if latencies, err = stalled.beside(ctx, active, stalledStreams); err != nil {
			return err
		}
		with.add(latencies)
	}

	after, err := leastFigures(ctx, in)
	if err != nil {
		return err
	}

	printLatencies(without, with, active.rejected)
	stalled.print(before, after)
	return nil
}

// phases are the latencies of the phases of one kind.
type phases struct {
	p50, p99 []time.Duration
	events   int
}

func (p *phases) add(latencies []time.Duration) {
	p.p50, p.p99 = append(p.p50, quantile(latencies, .5)), append(p.p99, quantile(latencies, .99))
	p.events += len(latencies)
}

func printLatencies(without, with phases, rejected int) {
	ratios := make([]float64, phaseRounds)
	for i := range ratios {
		ratios[i] = float64(with.p99[i]) / float64(without.p99[i])
	}
	fmt.Printf("  %d readers' time from POST to event, medians of %d phases of %v each\n",
		activeCount, phaseRounds, phaseDuration)
	fmt.Printf("    without stalled ones   p50 %v  p99 %v  (%d events)\n",
		median(without.p50), median(without.p99), without.events)
	fmt.Printf("    beside %d of them     p50 %v  p99 %v  (%d events)\n",
		stalledStreams, median(with.p50), median(with.p99), with.events)
	fmt.Printf("    p99, beside / without  %.2f (%.2f–%.2f); %d sends refused\n",
		median(ratios), slices.Min(ratios), slices.Max(ratios), rejected)
}

// leastFigures returns the least of each figure in eight seconds: what the
// replica needs, since it collects its garbage again and again.
func leastFigures(ctx context.Context, in *installation) (figures, error) {
	least := figures{}
	for range paced(ctx, 10, 8*time.Second) {
		now, err := scrape(in.replica)
		if err != nil {
			return nil, err
		}
		for name, value := range now {
			if old, ok := least[name]; !ok || value < old {
				least[name] = value
			}
		}
	}
	return least, ctx.Err()
}

// flood sends long messages to the stalled readers, also while they have no
// stream. Whether a message is taken makes no difference to them.
func (s *stalledReaders) flood(ctx context.Context) {
	body := strings.Repeat("🛶", 4000)
	var sends sync.WaitGroup
	defer sends.Wait()
	for i := range paced(ctx, floodRate, time.Hour) {
		sends.Go(func() {
			_, _ = s.ada.Send(context.WithoutCancel(ctx), client.Write(s.conversations[i%stalledPeople], body))
		})
	}
}
