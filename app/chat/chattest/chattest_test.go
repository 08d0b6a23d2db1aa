package chattest

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

func TestMemoryStore(t *testing.T) { TestStore(t, func(*testing.T) chat.Store { return NewStore() }) }
func TestMemoryPresence(t *testing.T) {
	TestPresence(t, func(_ *testing.T, replicas int, changed func(uuid.UUID)) (all []PresenceReplica) {
		registry := NewPresenceRegistry(300*time.Millisecond, changed)
		for range replicas {
			all = append(all, registry.Replica())
		}
		return all
	})
}
func TestMemoryBus(t *testing.T) { TestBus(t, func(*testing.T) chat.Bus { return NewBus() }) }
func TestMemoryAccessCache(t *testing.T) {
	TestAccessCache(t, func(*testing.T) chat.AccessCache { return NewAccessCache() })
}
