package kafka

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/google/uuid"

	"parley/test/wait"
)

var (
	changing = kafka.NewError(kafka.ErrRebalanceInProgress, "Broker: Group rebalance in progress", false)
	gone     = kafka.NewError(kafka.ErrUnknownTopicOrPart, "Broker: Unknown topic or partition", false)
)

type partitions = []kafka.TopicPartition

// refuses answers as the broker does: for all, or for each.
func refuses(all error, each error) func(*kafka.Consumer, partitions) (partitions, error) {
	return func(_ *kafka.Consumer, asked partitions) (answer partitions, err error) {
		if all != nil {
			return nil, all
		}
		for _, tp := range asked {
			tp.Error = each
			answer = append(answer, tp)
		}
		return answer, nil
	}
}

// TestARefusedCommitIsMadeUpForInASilentLog: the broker refuses each partition's first commit, while the group changes; nothing is sent ever after, and yet the
// group's place becomes the log's end.
func TestARefusedCommitIsMadeUpForInASilentLog(t *testing.T) {
	for name, refuse := range map[string]func(*kafka.Consumer, partitions) (partitions, error){"all": refuses(changing, nil), "each": refuses(nil, changing)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := ownLog(t)
			p, shelf := newProducer(t, o), &shelf{}
			w := NewWriter(o, shelf, shelf, shelf, p, 0, quiet)
			var refused []int32
			w.commitTo = func(c *kafka.Consumer, asked partitions) (partitions, error) {
				for _, tp := range asked {
					if !slices.Contains(refused, tp.Partition) {
						refused = append(refused, tp.Partition)
						return refuse(c, asked)
					}
				}
				return c.CommitOffsets(asked)
			}
			run(t, w)
			var all sync.WaitGroup
			for range 30 {
				all.Go(func() {
					if _, err := p.Append(ctx, message(uuid.New(), "then silence")); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			wait.Until(t, "all are committed", func() bool { return committed(t, o) == 30 })
		})
	}
}

// TestWhatStaysDue: a place is due until it is committed, its partition is taken away, or its topic is gone, where it would skip records of one made again.
func TestWhatStaysDue(t *testing.T) {
	o := Options{Topic: Topic}
	for _, c := range []struct {
		name   string
		answer func(*kafka.Consumer, partitions) (partitions, error)
		taken  int
		want   int
	}{
		{"committed", refuses(nil, nil), 0, 0},
		{"refused", refuses(changing, nil), 0, 2},
		{"each refused", refuses(nil, changing), 0, 2},
		{"gone", refuses(gone, nil), 0, 0},
		{"each gone", refuses(nil, gone), 0, 0},
		{"one taken away", refuses(changing, nil), 1, 1},
	} {
		w := &Writer{options: o, logger: quiet, commitTo: c.answer, due: map[int32]reached{0: {7, 0}, 1: {9, 0}}, taken: map[int32]int{1: c.taken}}
		if w.settle(); len(w.due) != c.want {
			t.Errorf("%s: %v are due, want %d", c.name, w.due, c.want)
		}
	}
}

// TestACommitThatIsNeverAnsweredDoesntKeepTheWriter, as when the brokers go; nor is there a second consumer beside one that still closes.
func TestACommitThatIsNeverAnsweredDoesntKeepTheWriter(t *testing.T) {
	t.Parallel()
	o := ownLog(t)
	p, shelf := newProducer(t, o), &shelf{}
	w := NewWriter(o, shelf, shelf, shelf, p, 0, quiet)
	asked, answer := make(chan struct{}, 100), make(chan struct{})
	w.commitTo = func(c *kafka.Consumer, asking partitions) (partitions, error) {
		asked <- struct{}{}
		<-answer
		return c.CommitOffsets(asking)
	}
	stop := run(t, w)
	for n := range 2 { // the second waits for the first one's commit
		if _, err := p.Append(ctx, message(uuid.New(), "kept")); err != nil {
			t.Fatal(err)
		}
		wait.Until(t, "it is stored", shelf.has(n+1))
	}
	<-asked
	stop()
	if err := w.Run(ctx); !errors.Is(err, errClosing) {
		t.Errorf("Run beside a closing consumer: %v", err)
	}
	close(answer)
	<-w.closed
	if n := committed(t, o); n != 1 {
		t.Errorf("%d are committed; the first one's answer came late, the second is nobody's yet", n)
	}
}
