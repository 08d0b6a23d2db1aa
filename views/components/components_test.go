package components

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"github.com/google/uuid"

	"parley/app/chat"
)

// rendered parses a component's HTML as a browser does.
func rendered(t *testing.T, c templ.Component) *goquery.Document {
	t.Helper()

	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}

	doc, err := goquery.NewDocumentFromReader(&b)
	if err != nil {
		t.Fatal(err)
	}

	return doc
}

var (
	ada            = chat.Person{ID: uuid.MustParse("0198a3c2-7d1e-7c44-9e0b-5b1f8e2d9a10"), Name: "Ada Lovelace"}
	bob            = chat.Person{ID: uuid.MustParse("0198a3c2-7d1e-7c44-9e0b-5b1f8e2d9a11"), Name: "Bob"}
	conversationID = uuid.MustParse("0198a3c2-7d1e-7c44-9e0b-5b1f8e2d9a12")
)

func at(text string) chat.Timestamp {
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}

	return chat.At(when)
}

// stored returns a stored message.
func stored(seq int64, by chat.Person, when, body string) chat.Message {
	return chat.Message{
		ID:             chat.NewID(),
		ConversationID: conversationID,
		Seq:            &seq,
		ClientID:       chat.NewID(),
		Sender:         by,
		Body:           body,
		SentAt:         at(when),
	}
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()

	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}

	return z
}
