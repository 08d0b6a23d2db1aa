package chaos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Gather waits until everything is stored, by the offsets of the log, then until
// every screen shows what is stored, and collects what is stored, read and
// shown. Each wait ends at its timeout, with what there is. Nobody may be
// writing.
func (w *Workload) Gather(ctx context.Context, storedTimeout, screensTimeout time.Duration) (Evidence, error) {
	lagging := w.awaitStored(ctx, storedTimeout)

	store, err := w.cluster.stored(ctx, w.conversations)
	if err != nil {
		return Evidence{}, err
	}

	complete := func() bool { return w.complete(store) }
	if await(ctx, screensTimeout, "every screen is complete", complete) != nil {
		// A message that nobody knew of may have been stored meanwhile.
		if store, err = w.cluster.stored(ctx, w.conversations); err != nil {
			return Evidence{}, err
		}
	}

	e := w.History.Evidence()

	e.Members, e.Store = w.members, store
	for t := range w.tabs() {
		e.Screens = append(e.Screens, View{t.person.person, t.conversation, t.screen()})

		v, err := read(ctx, t, len(store[t.conversation]))
		if err != nil {
			return e, errors.Join(lagging, err)
		}

		e.Readings = append(e.Readings, v)
	}

	return e, lagging
}

// complete reports whether every screen shows what is stored.
func (w *Workload) complete(store map[int][]Row) bool {
	for t := range w.tabs() {
		if !slices.Equal(t.screen(), store[t.conversation]) {
			return false
		}
	}

	return true
}

// read has a member read a conversation of n messages, page by page.
func read(ctx context.Context, t *tab, n int) (View, error) {
	v := View{Person: t.person.person, Conversation: t.conversation}
	for len(v.Rows) < n {
		before := len(v.Rows)
		condition := fmt.Sprintf("person %d reads conversation %d", v.Person, v.Conversation)

		err := await(ctx, recoveryTimeout, condition, func() bool {
			p, err := t.person.page(ctx, t.id, int64(before), t.person.pageSize)
			if err != nil || !p.Complete {
				return false
			}

			for _, m := range p.Messages {
				v.Rows = append(v.Rows, Row{ID: m.ID, Seq: m.Seq, Body: m.Body})
			}

			return true
		})
		if err != nil {
			return v, err
		}

		if len(v.Rows) == before {
			break // the checker finds what is missing
		}
	}

	return v, nil
}
