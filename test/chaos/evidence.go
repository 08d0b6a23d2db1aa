package chaos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Gather waits until everything is stored, which the log's offsets tell, then until every screen has become what is stored, and takes
// down what is stored, read and shown. Each wait ends after a while, with what there is. Nobody may be talking.
func (c *Workload) Gather(ctx context.Context, storedWithin, screensWithin time.Duration) (Evidence, error) {
	soon, cancel := context.WithTimeout(ctx, storedWithin)
	defer cancel()
	lagging := c.until(soon, "all of the log is stored", func() bool {
		lag, err := c.world.Lag(ctx)
		return err == nil && lag == 0
	})
	store, err := c.world.stored(ctx, c.talks)
	if err != nil {
		return Evidence{}, err
	}
	late, cancel := context.WithTimeout(ctx, screensWithin)
	defer cancel()
	if c.until(late, "every screen is complete", func() bool { return c.complete(store) }) != nil {
		// One that nobody knew of may have come in meanwhile.
		if store, err = c.world.stored(ctx, c.talks); err != nil {
			return Evidence{}, err
		}
	}
	e := c.History.Evidence()
	e.Members, e.Store = c.members, store
	c.eachTab(func(t *tab) {
		e.Screens = append(e.Screens, View{Person: t.person.person, Talk: t.talk, Rows: t.screen()})
	})
	e.Readings, err = c.read(ctx, store)
	return e, errors.Join(lagging, err)
}

func (c *Workload) complete(store map[int][]Row) bool {
	all := true
	c.eachTab(func(t *tab) { all = all && slices.Equal(t.screen(), store[t.talk]) })
	return all
}

// read has every member read every conversation, each at the replica where they are.
func (c *Workload) read(ctx context.Context, store map[int][]Row) (views []View, err error) {
	c.eachTab(func(t *tab) {
		if err != nil {
			return
		}
		v := View{Person: t.person.person, Talk: t.talk}
		for len(v.Rows) < len(store[t.talk]) && err == nil {
			before := len(v.Rows)
			err = c.until(ctx, fmt.Sprintf("person %d reads conversation %d", v.Person, v.Talk), func() bool {
				p, _, err := t.person.page(ctx, t.id, int64(before), t.person.pageSize)
				if err != nil || !p.Complete {
					return false
				}
				for _, m := range p.Messages {
					v.Rows = append(v.Rows, Row{ID: m.ID, Seq: *m.Seq, Body: m.Body})
				}
				return true
			})
			if len(v.Rows) == before {
				break // the checker finds what is missing
			}
		}
		views = append(views, v)
	})
	return views, err
}
