package postgres

import "github.com/google/uuid"

// recentSeqs holds the seqs of recently stored messages by id: at least the last
// maxRecent and at most twice as many, at about 50 bytes each. The zero value is
// ready to use.
type recentSeqs struct{ current, previous map[uuid.UUID]int64 }

const maxRecent = 50_000

func (r *recentSeqs) add(id uuid.UUID, seq int64) {
	if r.current == nil || len(r.current) >= maxRecent {
		r.current, r.previous = map[uuid.UUID]int64{}, r.current
	}
	r.current[id] = seq
}

func (r *recentSeqs) seq(id uuid.UUID) (int64, bool) {
	if seq, ok := r.current[id]; ok {
		return seq, true
	}
	seq, ok := r.previous[id]
	return seq, ok
}
