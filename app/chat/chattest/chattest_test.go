package chattest

import (
	"testing"

	"parley/app/chat"
)

func TestMemoryStore(t *testing.T) { TestStore(t, func(*testing.T) chat.Store { return NewStore() }) }
func TestMemoryBus(t *testing.T)   { TestBus(t, func(*testing.T) chat.Bus { return NewBus() }) }
