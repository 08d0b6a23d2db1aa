package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/kafka"
	"parley/test/wait"
)

// refuser is a store that refuses every message, with the other ports of a writer.
type refuser struct{ returned chan chat.Message }

func (r refuser) StoreBatch(context.Context, []chat.Message) ([]chat.StoredConversation, error) {
	return nil, fmt.Errorf("%w: a broken constraint", chat.ErrContent)
}
func (r refuser) Forget()                                           {}
func (r refuser) Stored(context.Context, []chat.StoredConversation) {}
func (r refuser) StoredAfterAll(context.Context, []uuid.UUID)       {}
func (r refuser) ReturnMessage(_ context.Context, m chat.Message, _ error) error {
	r.returned <- m
	return nil
}

// logWithDeadLetters makes a log for one test, with a dead letter for each text.
func logWithDeadLetters(t *testing.T, texts ...string) kafka.Options {
	t.Helper()
	brokers := os.Getenv("PARLEY_TEST_KAFKA_BROKERS")
	if brokers == "" {
		t.Fatal("no Kafka for tests: run `go tool task test`, or `go run ./test/services/cmd go test ./app/cli`")
	}

	suffix, quiet, ctx := "-"+uuid.NewString()[:8], slog.New(slog.DiscardHandler), context.Background()
	o := kafka.Options{
		Brokers:           brokers,
		Topic:             kafka.Topic + suffix,
		DeadTopic:         kafka.DeadTopic + suffix,
		Group:             kafka.Group + suffix,
		Partitions:        1,
		ReplicationFactor: 1,
	}
	if err := kafka.EnsureTopics(ctx, o, quiet); err != nil {
		t.Fatal(err)
	}

	p, err := kafka.NewProducer(o, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	run, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	t.Cleanup(running.Wait)
	t.Cleanup(stop)
	running.Go(func() { _ = p.Run(run) })
	wait.Until(t, "the producer is connected", p.Up)

	r := refuser{make(chan chat.Message, len(texts))}
	consumer := kafka.NewConsumer(o, kafka.NewMessageWriter(kafka.WriterDeps{
		Store:     r,
		Publisher: r,
		Returner:  r,
		Producer:  p,
		Logger:    quiet,
	}), quiet)
	running.Go(func() {
		if err := consumer.Run(run); err != nil {
			t.Error(err)
		}
	})

	conversation := uuid.New()
	for _, text := range texts {
		m := chat.Message{
			ID:             uuid.New(),
			ConversationID: conversation,
			ClientID:       chat.NewID(),
			Sender:         chat.Person{ID: uuid.New()},
			Body:           text,
			SentAt:         chat.At(time.Now()),
		}
		if _, err := p.Append(ctx, m); err != nil {
			t.Fatal(err)
		}
		<-r.returned
	}

	return o
}

// runDeadLetters runs parley dead-letters with these arguments on the log o. It
// passes the log's address by the settings, and its topics past them.
func runDeadLetters(t *testing.T, o kafka.Options, line string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	flags := flag.NewFlagSet("dead-letters", flag.ContinueOnError)
	d := deadLetters{log: o, out: &out}
	d.define(flags)
	args, err := parse(flags, strings.Fields(line))
	if err == nil {
		err = d.readArgs(invocation{args: args})
	}
	if err == nil {
		err = d.execute(context.Background())
	}

	return out.String(), err
}

func TestDeadLettersCommand(t *testing.T) {
	o := logWithDeadLetters(t, "the secret words", "other words")
	run := func(line string) string {
		t.Helper()
		out, err := runDeadLetters(t, o, line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		return out
	}

	listed := func(line string) (list []printedLetter) {
		t.Helper()
		if err := json.Unmarshal([]byte(run(line)), &list); err != nil {
			t.Fatal(err)
		}
		return list
	}

	list := listed("list --json")
	if len(list) != 2 || list[0].ID != "0-0" || list[0].Origin != "0-0" || list[0].State != "waiting" ||
		list[0].SenderID == "" || list[0].Text != nil || list[0].Reason != "content refused: a broken constraint" {
		t.Fatalf("the list is %+v", list)
	}

	for _, line := range []string{"list", "list --json", "list --all", "show 0-0", "show --json 0-0"} {
		if out := run(line); strings.Contains(out, "secret") || !strings.Contains(out, "0-0") {
			t.Errorf("%s: %s", line, out)
		}
	}

	for _, line := range []string{"list --show-text", "show 0-0 --show-text", "show --show-text --json 0-0"} {
		if out := run(line); !strings.Contains(out, "the secret words") {
			t.Errorf("%s: %s", line, out)
		}
	}
	if out := run("discard 0-1"); out != "0-1 discarded.\n" {
		t.Errorf("discarding says %q", out)
	}
	if list := listed("list --json"); len(list) != 1 || list[0].ID != "0-0" {
		t.Errorf("after discarding: %+v", list)
	}

	run("replay 0-0") // refused again, the message is in another dead letter
	var again []printedLetter
	wait.Until(t, "the replayed record is a dead letter again", func() bool {
		again = listed("list --json")
		return len(again) > 0
	})
	if len(again) != 1 || again[0].ID == "0-0" || again[0].Origin != "0-2" || again[0].MessageID != list[0].MessageID {
		t.Errorf("after replaying: %+v", again)
	}
	if all := listed("list --all --json"); len(all) != 3 || all[0].State != "replayed" || all[1].State != "discarded" {
		t.Errorf("all of them: %+v", all)
	}
}

// TestSeveralDeadLettersAtOnce: nothing is changed if one of them cannot be decided.
func TestSeveralDeadLettersAtOnce(t *testing.T) {
	o := logWithDeadLetters(t, "a", "b", "c", "d")
	for line, code := range map[string]int{"discard 0-0 0-9": exitUnknown, "discard 0-9 0-0": exitUnknown} {
		if out, err := runDeadLetters(t, o, line); exitCode(err) != code || out != "" {
			t.Errorf("%s: %q, %v", line, out, err)
		}
	}
	if out, err := runDeadLetters(t, o, "discard 0-2 0-1"); err != nil || out != "0-2 discarded.\n0-1 discarded.\n" {
		t.Errorf("two ids: %q, %v", out, err)
	}
	if out, err := runDeadLetters(t, o, "discard 0-0 0-1"); exitCode(err) != exitResolved || out != "" {
		t.Errorf("one of two is decided: %q, %v", out, err)
	}
	if out, err := runDeadLetters(t, o, "discard --all"); err != nil || out != "0-0 discarded.\n0-3 discarded.\n" {
		t.Errorf("all that wait: %q, %v", out, err)
	}
	if out, err := runDeadLetters(t, o, "replay --all --json"); err != nil || out != "[]\n" {
		t.Errorf("none waits: %q, %v", out, err)
	}
	if out, err := runDeadLetters(t, o, "bury 0 4711"); exitCode(err) != exitUnknown || out != "" {
		t.Errorf("a record that does not exist: %q, %v", out, err)
	}
	if out, err := runDeadLetters(t, o, "bury 0 0"); exitCode(err) != 1 || out != "" {
		t.Errorf("a record that can be read: %q, %v", out, err)
	}
}

func TestDeadLettersExitCodes(t *testing.T) {
	o := logWithDeadLetters(t, "words")
	if _, err := runDeadLetters(t, o, "discard 0-0"); err != nil {
		t.Fatal(err)
	}

	for line, code := range map[string]int{
		"show 0-9":     exitUnknown,
		"show nothing": exitUnknown,
		"replay 0-0":   exitResolved,
		"discard 0-0":  exitResolved,
	} {
		out, err := runDeadLetters(t, o, line)
		if err == nil || exitCode(err) != code || out != "" {
			t.Errorf("%q: %q, %v with exit code %d, want %d", line, out, err, exitCode(err), code)
		}
	}
	if code := exitCode(errors.New("any")); code != 1 {
		t.Errorf("another failure exits with %d", code)
	}

	o.Brokers = "127.0.0.1:1"
	if _, err := runDeadLetters(t, o, "list"); err == nil || exitCode(err) != 1 {
		t.Errorf("without a log: %v", err)
	}
}
