package live

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/chat/chattest"
)

func TestConformance(t *testing.T) {
	chattest.TestBus(t, func(t *testing.T) chat.Bus {
		bus := newReplica(t, redisURL(t), Limits{}).bus
		eventually(t, "Redis answers in time", func() bool { _, err := bus.Pending(context.Background(), uuid.New()); return err == nil })
		return bus
	})
}
