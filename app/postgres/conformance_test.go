package postgres_test

import (
	"testing"

	"parley/app/chat"
	"parley/app/chat/chattest"
	"parley/app/postgres/postgrestest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	chattest.TestStore(t, func(t *testing.T) chat.Store { return postgrestest.New(t) })
}
