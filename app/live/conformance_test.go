package live

import (
	"testing"

	"parley/app/chat"
	"parley/app/chat/chattest"
)

func TestConformance(t *testing.T) {
	chattest.TestBus(t, func(t *testing.T) chat.Bus { return newReplica(t, redisURL(t), Limits{}).bus })
}
