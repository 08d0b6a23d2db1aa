package kafka

import (
	"context"
	"maps"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"parley/app/loop"
	"parley/app/status"
)

// WatchBacklog reports what waits in the log, once per interval until ctx ends. The backlog is
// the whole group's, whichever replica's consumer has a partition, so every replica sees it
// grow when there is no consumer at all.
func WatchBacklog(ctx context.Context, o Options, interval time.Duration, report func(status.Backlog)) error {
	return withOffsetClient(o, func(admin *kafka.AdminClient, offsets *kafka.Consumer) error {
		w := &backlogWatcher{options: o, admin: admin, offsets: offsets, waiting: -1}
		measure := func(ctx context.Context) {
			backlog := status.Backlog{
				Partitions:  w.partitions(ctx, interval),
				DeadLetters: w.deadLetters(ctx, interval),
			}
			if ctx.Err() == nil {
				report(backlog)
			}
		}
		measure(ctx)
		loop.Every(ctx, interval, measure)
		return nil
	})
}

// backlogWatcher measures the backlog. It reads records only of partitions where the oldest
// one was there at the previous measurement already, and each of them once.
type backlogWatcher struct {
	options Options
	admin   *kafka.AdminClient
	offsets *kafka.Consumer
	ends    map[int32]int64  // at the previous measurement
	oldest  map[int32]oldest // by partition, as they were read last
	waiting int              // dead letters, as they were counted last; -1: unknown
	counted [2]offsetMap     // first and end of the topic of dead letters when they were counted
}

// oldest is a partition's oldest record that is not stored yet.
type oldest struct {
	offset int64
	at     time.Time
	paused string // why it cannot be read; "": it can
}

// partitions returns nil if the brokers do not answer within timeout.
func (w *backlogWatcher) partitions(ctx context.Context, timeout time.Duration) map[int32]status.PartitionBacklog {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	ranges, err := offsetRanges(ctx, w.admin, w.offsets, w.options)
	if err != nil {
		return nil
	}

	list := make(map[int32]status.PartitionBacklog, len(ranges))
	late, ends := map[int32]int64{}, make(map[int32]int64, len(ranges))
	for partition, r := range ranges {
		list[partition] = status.PartitionBacklog{Records: max(0, r.end-r.next)}
		ends[partition] = r.end
		if r.next < w.ends[partition] {
			late[partition] = r.next
		}
	}
	w.ends = ends

	for partition, o := range w.readOldest(ctx, late) {
		p := list[partition]
		p.Oldest, p.Paused = o.at, o.paused
		list[partition] = p
	}
	return list
}

// readOldest reads the records at these offsets, unless it has read them before.
func (w *backlogWatcher) readOldest(ctx context.Context, offsets map[int32]int64) map[int32]oldest {
	known, unread := map[int32]oldest{}, map[int32]int64{}
	for partition, offset := range offsets {
		if o, ok := w.oldest[partition]; ok && o.offset == offset {
			known[partition] = o
		} else {
			unread[partition] = offset
		}
	}

	read, err := readOldest(ctx, w.options, unread)
	if err == nil {
		maps.Copy(known, read)
	}
	w.oldest = known
	return known
}

// readOldest reads the record at an offset of each partition, or the next one if that was
// deleted. A partition without such a record is missing in the result.
func readOldest(ctx context.Context, o Options, offsets map[int32]int64) (map[int32]oldest, error) {
	found := map[int32]oldest{}
	if len(offsets) == 0 {
		return found, nil
	}

	for record, err := range readTopic(ctx, o, oldestRecords(o.Topic, offsets)) {
		if err != nil {
			return nil, err
		}
		partition, read := record.TopicPartition.Partition, oldest{
			offset: offsets[record.TopicPartition.Partition],
			at:     record.Timestamp.UTC(),
		}
		if err := heldFor(o, record); err != nil {
			read.paused = err.Error()
		}
		found[partition] = read
	}
	return found, nil
}

// deadLetters returns how many dead letters wait for a decision; -1: unknown. It reads them
// again only after their topic has changed, because the topic is read as a whole.
func (w *backlogWatcher) deadLetters(ctx context.Context, timeout time.Duration) int {
	ctx, cancel := context.WithTimeout(ctx, max(timeout, deadLettersTimeout))
	defer cancel()
	first, err := topicOffsets(ctx, w.admin, w.options.DeadTopic, kafka.EarliestOffsetSpec)
	if err != nil {
		return w.waiting
	}
	end, err := topicOffsets(ctx, w.admin, w.options.DeadTopic, kafka.LatestOffsetSpec)
	unchanged := maps.Equal(first, w.counted[0]) && maps.Equal(end, w.counted[1])
	if err != nil || unchanged {
		return w.waiting
	}

	list, err := DeadLetters(ctx, w.options)
	if err != nil {
		return w.waiting
	}
	w.waiting, w.counted = 0, [2]offsetMap{first, end}
	for _, d := range list {
		if d.State == StateWaiting {
			w.waiting++
		}
	}
	return w.waiting
}
