package redis

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/chat/chattest"
	"parley/app/sse"
	"parley/test/wait"
)

func TestConformance(t *testing.T) {
	chattest.TestBus(t, func(t *testing.T) chat.Bus {
		bus := newReplica(t, redisURL(t), sse.Limits{}).bus
		wait.Until(t, "Redis answers in time", func() bool { _, err := bus.Pending(context.Background(), uuid.New()); return err == nil })
		return bus
	})
}
