package postgres

import "github.com/google/uuid"

// recentIDs are the seqs of messages that were stored lately, at least the last maxRecent of them and at most twice as many, at about 50 bytes each.
// Ready as it is.
type recentIDs struct{ young, old map[uuid.UUID]int64 }

const maxRecent = 50_000

func (r *recentIDs) add(id uuid.UUID, seq int64) {
	if r.young == nil || len(r.young) >= maxRecent {
		r.young, r.old = map[uuid.UUID]int64{}, r.young
	}
	r.young[id] = seq
}

func (r *recentIDs) seq(id uuid.UUID) (int64, bool) {
	if seq, ok := r.young[id]; ok {
		return seq, true
	}
	seq, ok := r.old[id]
	return seq, ok
}
