package demosite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/client"
	"parley/app/devservices"
	"parley/app/kafka"
)

// prepareOperators writes the messages that operators' pages show, and waits until the pages show
// them.
func (v *Visit) prepareOperators(ctx context.Context, program, dataDir string) (err error) {
	if v.message, err = v.writeMessages(ctx); err != nil {
		return err
	}
	if err := produceUnstorable(ctx, program, dataDir); err != nil {
		return err
	}
	return v.awaitOperators(ctx)
}

// writeMessages has two people, whom no other page shows, become friends and write 12 messages. It
// returns the id of the last one.
func (v *Visit) writeMessages(ctx context.Context) (id string, err error) {
	olga, err := client.SignIn(ctx, v.Base, "Olga Other", client.Options{})
	if err != nil {
		return "", err
	}

	otto, err := client.SignIn(ctx, v.Base, "Otto Other", client.Options{})
	if err != nil {
		return "", err
	}

	conversation, err := olga.Befriend(ctx, otto)
	if err != nil {
		return "", err
	}

	for n := range 12 {
		m, err := olga.Send(ctx, client.Write(conversation, fmt.Sprint("Number ", n)))
		if err != nil {
			return "", err
		}

		id = m.ID.String()
	}
	return id, nil
}

// produceUnstorable appends a message to the log that cannot be stored, because its conversation
// does not exist. It becomes a dead letter.
func produceUnstorable(ctx context.Context, program, dataDir string) error {
	lease, err := devservices.Acquire(ctx, dataDir, []string{"kafka"}, program)
	if err != nil {
		return err
	}
	defer lease.Close()

	producer, err := kafka.NewProducer(kafka.Options{
		Brokers:           lease.URL("kafka"),
		Topic:             kafka.Topic,
		DeadTopic:         kafka.DeadTopic,
		Group:             kafka.Group,
		Partitions:        3,
		ReplicationFactor: 1,
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer producer.Close()

	running, stop := context.WithCancel(ctx)
	var run sync.WaitGroup
	run.Go(func() { _ = producer.Run(running) })
	defer run.Wait()
	defer stop()
	if err := poll(ctx, "the broker is up", func() bool { return producer.Up() }); err != nil {
		return err
	}

	_, err = producer.Append(ctx, chat.Message{
		ID:             uuid.New(),
		ConversationID: uuid.New(),
		ClientID:       chat.NewID(),
		Sender:         chat.Person{ID: uuid.New()},
		Body:           "Into the void",
		SentAt:         chat.At(time.Now()),
	})
	return err
}

var deadLetterID = regexp.MustCompile(`data-letter="([^"]+)"`)

// awaitOperators waits until the dead letter and the stored message are on the operators' pages.
func (v *Visit) awaitOperators(ctx context.Context) error {
	operator := client.New(v.Ops, client.Options{})
	page := func(path string) string {
		_, body, _ := operator.Fetch(ctx, path, http.Header{"Accept": {"text/html"}}) // none yet: poll repeats
		return string(body)
	}

	err := poll(ctx, "a dead letter is listed", func() bool {
		if m := deadLetterID.FindStringSubmatch(page("/pipeline")); m != nil {
			v.deadLetter = m[1]
		}
		return v.deadLetter != ""
	})
	if err != nil {
		return err
	}
	return poll(ctx, "the message is stored, and its page names the writer", func() bool {
		return strings.Contains(page("/pipeline/messages/"+v.message), "as number 12 of its conversation, by ")
	})
}

// pollTimeout bounds the wait for one condition.
const pollTimeout = time.Minute

func poll(ctx context.Context, what string, ok func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	return devservices.Await(ctx, nil, func() error {
		if !ok() {
			return errors.New("did not happen: " + what)
		}
		return nil
	})
}
