package postgres_test

import (
	"context"
	"reflect"
	"testing"

	"parley/app/chat"
	"parley/app/postgres/postgrestest"
)

// TestNumbersFindsGaps makes gaps by hand, because Parley never makes one.
func TestNumbersFindsGaps(t *testing.T) {
	t.Parallel()
	ctx, url := context.Background(), postgrestest.URL(t)
	s := postgrestest.Open(t, url)
	ada, _, conversation := friends(t, s)
	for range 9 {
		_, err := s.StoreDirect(ctx, conversation, directMessage(conversation, ada, "x"))
		must(t, err)
	}
	postgrestest.Exec(t, url, "DELETE FROM messages WHERE seq IN (1, 2, 5, 7, 8)")

	got, err := s.Numbers(ctx, conversation, 0)
	want := chat.Numbers{
		First:   3,
		Last:    9,
		Count:   4,
		Missing: []chat.Gap{{From: 1, To: 2}, {From: 5, To: 5}, {From: 7, To: 8}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, error %v; want %+v", got, err, want)
	}
}
