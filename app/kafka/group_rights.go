package kafka

import (
	"context"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// groupInspector finds missing rights on the consumer group, by requests for its committed
// offsets. An AdminClient must not request those: see newOffsetClient. For one goroutine
// at a time. The zero value is ready to use.
type groupInspector struct {
	client  *kafka.Consumer // nil before the first inspection
	refused bool            // librdkafka reports a refusal once, until the group's coordinator is found
}

// problems returns the missing rights. Other errors are none of a client's making: the group's
// coordinator may be starting.
func (g *groupInspector) problems(ctx context.Context, o Options, timeout time.Duration) []problem {
	if g.client == nil {
		client, err := newOffsetClient(o)
		if err != nil {
			return nil
		}
		g.client = client
	}

	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	g.readEvents()
	_, err := committedPartitions(ctx, g.client, o, []int32{0})
	g.readEvents()
	switch {
	case err == nil:
		g.refused = false
	case errorCode(err) == kafka.ErrGroupAuthorizationFailed:
		g.refused = true
	}

	if !g.refused {
		return nil
	}
	return noRights(o, resource{"group", o.Group}, groupRights(o))
}

// readEvents looks for the refusal of a request for the group's coordinator.
func (g *groupInspector) readEvents() {
	for event := g.client.Poll(0); event != nil; event = g.client.Poll(0) {
		if err, ok := event.(kafka.Error); ok && err.Code() == kafka.ErrGroupAuthorizationFailed {
			g.refused = true
		}
	}
}

func (g *groupInspector) close() {
	if g.client != nil {
		g.client.Close()
	}
}
