package chaos

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// order is static/js/order.js in Go, for a tab that has its conversation from the first message on: what a tab knows, and in which order
// it shows it (DESIGN.md, "How a message travels", point 8).
type order struct {
	last  int64 // S: every stored message up to it is at hand
	rows  map[uuid.UUID]*orderRow
	ahead map[int64]bool // numbers at hand above S
	show  func(id uuid.UUID, body string)
}

type orderRow struct {
	Row
	offset *int64
	since  time.Time
	late   bool
}

func newOrder(show func(id uuid.UUID, body string)) *order {
	return &order{rows: map[uuid.UUID]*orderRow{}, ahead: map[int64]bool{}, show: show}
}

// add takes a row from anywhere, again or late.
func (o *order) add(m chat.Message, now time.Time) {
	row := o.rows[m.ID]
	if row == nil {
		row = &orderRow{Row: Row{ID: m.ID, Body: m.Body}, offset: m.LogOffset, since: now}
		o.rows[m.ID] = row
		o.show(m.ID, m.Body)
	}
	if row.offset == nil {
		row.offset = m.LogOffset
	}
	if m.Seq != nil && row.Seq == 0 {
		o.number(row, *m.Seq)
	}
}

// stored takes numbers. It tells whether rows are missing.
func (o *order) stored(e chat.StoredEvent) bool {
	for _, m := range e.Messages {
		if row := o.rows[m.ID]; row != nil && row.Seq == 0 {
			o.number(row, m.Seq)
		}
	}
	return e.To > o.last
}

// fetched takes the answer to "after S".
func (o *order) fetched(p page, now time.Time) {
	last, named := o.last, map[uuid.UUID]bool{}
	for _, m := range p.Messages {
		o.add(m, now)
		last, named[m.ID] = max(last, *m.Seq), true
	}
	for _, m := range p.Pending {
		o.add(m, now)
		named[m.ID] = true
	}
	if p.Complete {
		o.last = last
		for id, row := range o.rows {
			if row.Seq == 0 && p.Pending != nil && row.late && !named[id] {
				delete(o.rows, id)
			}
		}
	}
	o.advance()
}

// overdue tells, each 10 s, whether a row has been waiting for its number so long that the tab should ask.
func (o *order) overdue(now time.Time) (any bool) {
	for _, row := range o.rows {
		if row.Seq == 0 && now.Sub(row.since) >= 10*time.Second {
			row.since, row.late, any = now, true, true
		}
	}
	return any
}

// sorted lists the rows as they are shown.
func (o *order) sorted() []Row {
	rows := make([]*orderRow, 0, len(o.rows))
	for _, row := range o.rows {
		rows = append(rows, row)
	}
	place := func(r *orderRow) int64 {
		switch {
		case r.Seq != 0:
			return r.Seq
		case r.offset != nil:
			return *r.offset
		}
		return 1 << 62
	}
	slices.SortFunc(rows, func(a, b *orderRow) int {
		if (a.Seq == 0) != (b.Seq == 0) {
			return cmp.Compare(b.Seq, a.Seq) // a number comes first
		}
		return cmp.Compare(place(a), place(b))
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
