package postgres_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/jackc/pgx/v5"

	"parley/app/chat"
	"parley/app/postgres/postgrestest"
)

// Nothing of ours makes a gap; a hand in the database could.
func TestNumbersFindGaps(t *testing.T) {
	url, ctx := postgrestest.URL(t), context.Background()
	s := postgrestest.Open(t, url)
	people := postgrestest.People(t, s, "Ada", "Bob")
	id := postgrestest.Direct(t, s, people[0], people[1])
	for range 9 {
		client := chat.NewID()
		m := chat.Message{ID: chat.NewID(), ConversationID: id, ClientID: client, Sender: people[0], Body: "x"}
		if _, err := s.StoreDirect(ctx, id, []chat.Message{m}); err != nil {
			t.Fatal(err)
		}
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "DELETE FROM messages WHERE seq IN (1, 2, 5, 7, 8)"); err != nil {
		t.Fatal(err)
	}
	got, err := s.Numbers(ctx, id)
	want := chat.Numbers{First: 3, Last: 9, Count: 4, Missing: []chat.Gap{{From: 1, To: 2}, {From: 5, To: 5}, {From: 7, To: 8}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}
