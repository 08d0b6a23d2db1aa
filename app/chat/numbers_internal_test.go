package chat

import (
	"context"
	"reflect"
	"testing"

	"github.com/google/uuid"
)

// countedNumbers has the seqs of one conversation and records what is read.
type countedNumbers struct {
	seqs  []int64
	after []int64
}

func (c *countedNumbers) Numbers(_ context.Context, _ uuid.UUID, after int64) (Numbers, error) {
	c.after = append(c.after, after)
	n, last := Numbers{Missing: []Gap{}}, after
	for _, seq := range c.seqs {
		if seq <= after {
			continue
		}
		if seq > last+1 {
			n.Missing = append(n.Missing, Gap{From: last + 1, To: seq - 1})
		}
		if n.Count == 0 {
			n.First = seq
		}
		last = seq
		n.Last, n.Count = seq, n.Count+1
	}
	return n, nil
}

// TestNumbersAreReadOnce checks that a conversation without gaps is read from its last
// checked number, and from the start after a gap or a loss.
func TestNumbersAreReadOnce(t *testing.T) {
	store, numbers, id := &countedNumbers{}, newCheckedNumbers(), uuid.New()
	for _, step := range []struct {
		seqs  []int64
		after int64
		want  Numbers
	}{
		{nil, 0, Numbers{Missing: []Gap{}}},
		{[]int64{1, 2, 3}, 0, Numbers{First: 1, Last: 3, Count: 3, Missing: []Gap{}}},
		{[]int64{1, 2, 3}, 3, Numbers{First: 1, Last: 3, Count: 3, Missing: []Gap{}}},
		{[]int64{1, 2, 3, 4}, 3, Numbers{First: 1, Last: 4, Count: 4, Missing: []Gap{}}},
		{[]int64{1, 2, 3, 4, 6}, 4, Numbers{First: 1, Last: 6, Count: 5, Missing: []Gap{{5, 5}}}},
		{[]int64{1, 2, 3, 4, 6}, 0, Numbers{First: 1, Last: 6, Count: 5, Missing: []Gap{{5, 5}}}},
		{[]int64{1, 2, 3, 4, 5, 6}, 0, Numbers{First: 1, Last: 6, Count: 6, Missing: []Gap{}}},
		{[]int64{1, 2}, 0, Numbers{First: 1, Last: 2, Count: 2, Missing: []Gap{}}},
	} {
		store.seqs = step.seqs
		c := Conversation{ID: id}
		if len(step.seqs) > 0 {
			c.LastSeq = step.seqs[len(step.seqs)-1]
		}
		got, err := numbers.read(context.Background(), store, c)
		if after := store.after[len(store.after)-1]; err != nil || !reflect.DeepEqual(got, step.want) || after != step.after {
			t.Errorf("seqs %v: got %+v after %d, %v; want %+v after %d", step.seqs, got, after, err, step.want, step.after)
		}
	}
}
