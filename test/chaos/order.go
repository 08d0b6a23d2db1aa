package chaos

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"parley/app/client"
)

// order is static/js/order.js in Go, for a tab that has its conversation from
// the first message on: what a tab knows, and in which order it shows it
// (DESIGN.md, "How a message travels", point 8).
type order struct {
	last  int64 // S: every stored message up to it is at hand
	rows  map[uuid.UUID]*orderRow
	ahead map[int64]bool // numbers at hand above S
	show  func(id uuid.UUID, body string)
}

type orderRow struct {
	Row
	offset  *int64
	since   time.Time
	overdue bool
}

func newOrder(show func(id uuid.UUID, body string)) *order {
	return &order{rows: map[uuid.UUID]*orderRow{}, ahead: map[int64]bool{}, show: show}
}

// add adds a message from anywhere, also one that is known.
func (o *order) add(m client.Message, now time.Time) {
	row := o.rows[m.ID]
	if row == nil {
		row = &orderRow{Row: Row{ID: m.ID, Body: m.Body}, offset: m.LogOffset, since: now}
		o.rows[m.ID] = row
		o.show(m.ID, m.Body)
	}

	if row.offset == nil {
		row.offset = m.LogOffset
	}

	if m.Seq != 0 && row.Seq == 0 {
		o.number(row, m.Seq)
	}
}

// stored applies numbers, and reports whether rows are missing.
func (o *order) stored(e client.StoredEvent) bool {
	for _, m := range e.Messages {
		if row := o.rows[m.ID]; row != nil && row.Seq == 0 {
			o.number(row, m.Seq)
		}
	}

	return e.To > o.last
}

// fetched applies the page after S.
func (o *order) fetched(p client.Page, now time.Time) {
	last, named := o.last, map[uuid.UUID]bool{}
	for _, m := range p.Messages {
		o.add(m, now)
		last, named[m.ID] = max(last, m.Seq), true
	}

	for _, m := range p.Pending {
		o.add(m, now)
		named[m.ID] = true
	}

	if p.Complete {
		o.last = last
		for id, row := range o.rows {
			if row.Seq == 0 && p.Pending != nil && row.overdue && !named[id] {
				delete(o.rows, id)
			}
		}
	}

	o.advance()
}

// overdue reports, every 10 s, whether a row has waited for its number so long
// that the tab should fetch.
func (o *order) overdue(now time.Time) (found bool) {
	for _, row := range o.rows {
		if row.Seq == 0 && now.Sub(row.since) >= 10*time.Second {
			row.since, row.overdue, found = now, true, true
		}
	}

	return found
}

// sorted returns the rows as they are shown: by number, then those without one
// by their offset in the log.
func (o *order) sorted() []Row {
	rows := make([]*orderRow, 0, len(o.rows))
	for _, row := range o.rows {
		rows = append(rows, row)
	}

	key := func(r *orderRow) (numbered int, position int64) {
		switch {
		case r.Seq != 0:
			return 0, r.Seq
		case r.offset != nil:
			return 1, *r.offset
		}

		return 1, math.MaxInt64
	}

	slices.SortFunc(rows, func(a, b *orderRow) int {
		an, ap := key(a)
		bn, bp := key(b)
		return cmp.Or(cmp.Compare(an, bn), cmp.Compare(ap, bp))
	})

	list := make([]Row, len(rows))
	for i, row := range rows {
		list[i] = row.Row
	}

	return list
}

func (o *order) number(row *orderRow, seq int64) {
	row.Seq = seq
	o.ahead[seq] = true
	o.advance()
}

func (o *order) advance() {
	for o.ahead[o.last+1] {
		o.last++
	}

	for seq := range o.ahead {
		if seq <= o.last {
			delete(o.ahead, seq)
		}
	}
}
