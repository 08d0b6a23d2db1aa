package drill

import (
	"context"
	"slices"
	"time"

	"parley/app/drill/verify"
	"parley/app/loop"
)

// check reads what is stored, and compares it with what was acknowledged.
type check struct {
	people  []*person // two by two
	timeout time.Duration
	store   map[int][]verify.Row // what has been read, by conversation
	known   verify.Known         // the findings of earlier phases
}

func newCheck(people []*person) *check {
	return &check{people: people, timeout: recoveryTimeout, store: map[int][]verify.Row{}, known: verify.Known{}}
}

// await returns the findings that are new once everything acknowledged is
// stored, or once the time for that has passed. The error is that of the last
// attempt to read, unless that was cut short.
func (c *check) await(
	ctx context.Context, h *verify.History, replica func(n int) string,
) (found []verify.Finding, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()

	for {
		pending, readErr := c.read(ctx, replica)
		if readErr == nil || ctx.Err() == nil {
			err = readErr
		}

		checker := verify.NewChecker(h.Ops())
		checker.Store(c.store)
		found = c.known.New(checker.Found)

		complete := readErr == nil && pending == 0 && !slices.ContainsFunc(found, isLost)
		if complete || !loop.Sleep(ctx, 100*time.Millisecond) {
			c.known.Add(found)
			return found, err
		}
	}
}

func isLost(f verify.Finding) bool { return f.Kind == verify.Lost }

// read adds what has been stored since the last time. It returns how many
// messages are accepted and not stored yet.
func (c *check) read(ctx context.Context, replica func(n int) string) (pending int, err error) {
	for i := 0; i < len(c.people); i += 2 {
		reader, conversation, after := c.people[i], i/2, int64(0)
		if rows := c.store[conversation]; len(rows) > 0 {
			after = rows[len(rows)-1].Seq
		}

		stored, waiting, err := reader.At(replica(conversation)).HistoryAfter(ctx, reader.conversation, after)
		if err != nil {
			return 0, err
		}

		pending += len(waiting)

		for _, m := range stored {
			c.store[conversation] = append(c.store[conversation], verify.Row{ID: m.ID, Seq: m.Seq, Body: m.Body})
		}
	}

	return pending, nil
}
