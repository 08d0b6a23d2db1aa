package demosite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/devservices"
	"parley/app/kafka"
)

// operators are the pages on the operators' listener, in their states. What they are like while a part is away is operators_test.go's.
func (v *Visit) operators() []Page {
	list := []Page{
		{Name: "ops-pipeline", Path: "/pipeline", Live: true},
		{Name: "ops-tables", Path: "/pipeline/tables"},
		{Name: "ops-table-users", Path: "/pipeline/tables/users"},
		{Name: "ops-table-requests", Path: "/pipeline/tables/friend_requests"},
		{Name: "ops-table-messages", Path: "/pipeline/tables/messages"},
		{Name: "ops-letter", Path: "/pipeline/letters/" + v.letter},
		{Name: "ops-message", Path: "/pipeline/messages/" + v.message},
		{Name: "ops-message-unknown", Path: "/pipeline/messages?id=seven+o'clock", Status: http.StatusUnprocessableEntity},
		{Name: "ops-not-found", Path: "/pipeline/letters/9-9", Status: http.StatusNotFound},
	}
	for i := range list {
		list[i].Ops = true
	}
	return list
}

// prepareOperators has something happen that operators can follow.
func (v *Visit) prepareOperators(ctx context.Context) (err error) {
	if v.message, err = v.talkAside(); err != nil {
		return err
	}
	if err := v.bury(ctx); err != nil {
		return err
	}
	return v.awaitOperators(ctx)
}

// talkAside has two people, whom nobody else's pages show, become friends and write; it answers the last message's id.
func (v *Visit) talkAside() (message string, err error) {
	olga, err := signIn(v.Base, "Olga Other")
	if err != nil {
		return "", err
	}
	otto, err := signIn(v.Base, "Otto Other")
	if err != nil {
		return "", err
	}
	var found struct{ People []struct{ ID string } }
	if err := call("GET", v.Base+"/people?q=Otto+Other", olga, nil, &found); err != nil || len(found.People) != 1 {
		return "", fmt.Errorf("%d people are called Otto Other (%w)", len(found.People), err)
	}
	person := url.Values{"person": {found.People[0].ID}}
	var made struct{ Request, Conversation, Message struct{ ID string } }
	if err := call("POST", v.Base+"/requests", olga, person, &made); err != nil {
		return "", err
	}
	if err := call("POST", v.Base+"/requests/"+made.Request.ID+"/accept", otto, url.Values{}, &made); err != nil {
		return "", err
	}
	if err := call("POST", v.Base+"/conversations", olga, person, &made); err != nil {
		return "", err
	}
	for n := range 12 {
		form := url.Values{"body": {fmt.Sprint("Number ", n)}, "client_id": {chat.NewID().String()}}
		if err := call("POST", v.Base+"/conversations/"+made.Conversation.ID+"/messages", olga, form, &made); err != nil {
			return "", err
		}
	}
	return made.Message.ID, nil
}

// bury puts a message into the log that can't be stored: nobody has its conversation.
func (v *Visit) bury(ctx context.Context) error {
	lease, err := devservices.Acquire(ctx, v.DataDir, []string{"kafka"}, v.Program)
	if err != nil {
		return err
	}
	defer lease.Close()
	o := kafka.Options{Brokers: lease.URL("kafka"), Topic: kafka.Topic, DeadTopic: kafka.DeadTopic, Group: kafka.Group, Partitions: 3, ReplicationFactor: 1}
	p, err := kafka.NewProducer(o, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer p.Close()
	probing, stop := context.WithCancel(ctx)
	var probe sync.WaitGroup
	probe.Go(func() { _ = p.Run(probing) })
	defer probe.Wait()
	defer stop()
	if err := poll(ctx, "the log answers", func() bool { return p.Up() }); err != nil {
		return err
	}
	m := chat.Message{ID: uuid.New(), ConversationID: uuid.New(), ClientID: chat.NewID(), Sender: chat.Person{ID: uuid.New()}, Body: "Into the void", SentAt: chat.At(time.Now())}
	_, err = p.Append(ctx, m)
	return err
}

var letterID = regexp.MustCompile(`data-letter="([^"]+)"`)

// awaitOperators waits until their pages have what they show.
func (v *Visit) awaitOperators(ctx context.Context) error {
	err := poll(ctx, "the letter is buried", func() bool {
		if m := letterID.FindStringSubmatch(read(v.Ops + "/pipeline")); m != nil {
			v.letter = m[1]
		}
		return v.letter != ""
	})
	if err != nil {
		return err
	}
	return poll(ctx, "the message is stored, and who did that is noted", func() bool {
		return strings.Contains(read(v.Ops+"/pipeline/messages/"+v.message), "as number 12 of its conversation, by ")
	})
}

func read(address string) string {
	res, err := http.Get(address)
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return string(b)
}

func poll(ctx context.Context, what string, ok func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return devservices.Await(ctx, nil, func() error {
		if !ok() {
			return errors.New("did not happen: " + what)
		}
		return nil
	})
}
