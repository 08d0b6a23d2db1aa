package redis

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/chat"
	"parley/app/status"
)

// Read returns the trace of a message. known is false when there is none. While Redis is
// down the error is of kind Unavailable.
func (t *TraceStore) Read(ctx context.Context, message uuid.UUID) (trace status.DeliveryTrace, known bool, err error) {
	if t.bus.Down() {
		return trace, false, chat.Unavailable("redis", errDown)
	}
	trace, known, err = ReadTrace(ctx, t.bus.client, message)
	return trace, known, t.bus.failed(err)
}

// ReadTrace is TraceStore.Read for a program that is not a replica.
func ReadTrace(
	ctx context.Context, client redis.UniversalClient, message uuid.UUID,
) (trace status.DeliveryTrace, known bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	fields, err := client.HGetAll(ctx, traceKey(message)).Result()
	if err != nil {
		return trace, false, chat.Unavailable("redis", err)
	}
	return parseTrace(fields), len(fields) > 0, nil
}

// parseTrace skips fields without a number, which are of a later release.
func parseTrace(fields map[string]string) (trace status.DeliveryTrace) {
	trace.Trace = fields[traceField]
	streams := map[string]int{}
	for field, value := range fields {
		number, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			continue
		}
		at := time.UnixMilli(number).UTC()
		name, replica, perReplica := strings.Cut(field, ":")
		if perReplica {
			name += ":"
		}

		switch name {
		case acceptedField:
			// A retry on another replica accepts the same message again: the first counts.
			if trace.AcceptedAt.IsZero() || at.Before(trace.AcceptedAt) {
				trace.AcceptedBy, trace.AcceptedAt = replica, at
			}
		case offsetField:
			trace.Offset = &number
		case publishedField:
			trace.PublishedAt = at
		case deliveredField:
			trace.Deliveries = append(trace.Deliveries, status.Delivery{Replica: replica, At: at})
		case streamsField:
			streams[replica] = int(number)
		case storedField:
			// A record that is delivered again is found stored: the first counts.
			if trace.StoredAt.IsZero() || at.Before(trace.StoredAt) {
				trace.StoredBy, trace.StoredAt = replica, at
			}
		}
	}

	for i, d := range trace.Deliveries {
		trace.Deliveries[i].Streams = streams[d.Replica]
	}

	slices.SortFunc(trace.Deliveries, func(a, b status.Delivery) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Replica, b.Replica))
	})
	return trace
}
