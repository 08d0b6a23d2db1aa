package store_test

import (
	"testing"

	"parley/app/chat"
	"parley/app/chat/chattest"
	"parley/app/store/storetest"
)

func TestConformance(t *testing.T) {
	chattest.TestStore(t, func(t *testing.T) chat.Store { return storetest.New(t) })
}
