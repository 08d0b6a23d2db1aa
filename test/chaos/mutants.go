package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Plant is a bug, put into a copy of one file of the program: Old, which must be there exactly once, becomes New. PLANTED_BUG wakes it.
type Mutant struct {
	Bug      string
	File     string
	Old, New string
	Fault    string // of Faults, which brings it to light; "": none is needed
	Before   int    // messages acknowledged before the fault
	Caught   Kind   // as what
}

// Plants are bugs of the kind that a chat on a log, a store and a bus invites.
func Mutants() []Mutant {
	const crash = "Postgres is cut off, then all replicas are killed"
	return []Mutant{
		{
			Bug: "offsets are committed before the insert", File: "app/kafka/session.go", Fault: crash, Before: 40, Caught: Lost,
			Old: `	done := make(chan attempt, 1)`,
			New: `	if %s {
		s.committer.commitBatch(b)
	}
	done := make(chan attempt, 1)`,
		},
		{
			Bug: "the store's error is swallowed", File: "app/kafka/session.go", Fault: "the link to Postgres is cut", Before: 40, Caught: Lost,
			Old: `	if first.err != nil {`,
			New: `	if first.err != nil && !%s {`,
		},
		{
			Bug: "a retry is another message", File: "app/chat/ids.go", Caught: Duplicated,
			Old: `	h.Write(clientID[:])`,
			New: `	if %s {
		clientID = NewID()
	}
	h.Write(clientID[:])`,
		},
		{ // of two people, what is keyed by the one who gets it is keyed by the one who sends it: two orders in one conversation
			Bug: "records are keyed by the receiver", File: "app/kafka/producer.go", Fault: "a replica hangs", Before: 40, Caught: Inverted,
			Old: `	value, err := encode(m)`,
			New: `	value, err := encode(m)
	if %s {
		m.ConversationID = m.Sender.ID
	}`,
		},
		{
			Bug: "published before it is acknowledged", File: "app/chat/messages.go", Fault: "Kafka and Postgres are cut off", Before: 40, Caught: Phantom,
			Old: `	offset, logErr := s.log.Append(ackCtx, m)`,
			New: `	if %s {
		s.bus.Announce(ctx, m, to.IDs())
	}
	offset, logErr := s.log.Append(ackCtx, m)`,
		},
		{
			Bug: "the cursor is ignored", File: "app/web/params.go", Caught: Gapped,
			Old: `	return r, r.Validate()`,
			New: `	if %s {
		r.After = nil
	}
	return r, r.Validate()`,
		},
		{
			Bug: "published to the wrong channel", File: "app/redis/bus.go", Caught: Leaked,
			Old: `		b.channels.publish(ctx, pipe, b.channels.of(person), payload)`,
			New: `		if %s {
			b.channels.publish(ctx, pipe, b.channels.broadcast(0), payload)
		}
		b.channels.publish(ctx, pipe, b.channels.of(person), payload)`,
		},
		{
			Bug: "the consumer starts at the end", File: "app/kafka/consumer.go", Fault: crash, Caught: Lost,
			Old: `	client, err := kafka.NewConsumer(groupConfig(c.options))`,
			New: `	config := groupConfig(c.options)
	if %s {
		(*config)["auto.offset.reset"] = "latest"
	}
	client, err := kafka.NewConsumer(config)`,
		},
	}
}

// sleeping is the only file that planted code adds: it tells which bug is awake.
const sleeping = `package chat; import "os"

func Planted(bug string) bool { return os.Getenv("PLANTED_BUG") == bug }
`

// overlay writes the mutated files below dir, and the file that "go build -overlay" reads. All bugs are in one program, each asleep.
func overlay(root, dir string, plants []Mutant) (file string, err error) {
	files := map[string]string{"app/chat/planted_bugs.go": sleeping}
	for _, p := range plants {
		text, ok := files[p.File]
		if !ok {
			b, err := os.ReadFile(filepath.Join(root, p.File))
			if err != nil {
				return "", err
			}
			text = string(b)
		}
		if n := strings.Count(text, p.Old); n != 1 {
			return "", fmt.Errorf("%s: %q is there %d times, so that “%s” can't be planted: change plants.go with it", p.File, p.Old, n, p.Bug)
		}
		awake := fmt.Sprintf("chat.Planted(%q)", p.Bug)
		if strings.HasPrefix(p.File, "app/chat/") {
			awake = strings.TrimPrefix(awake, "chat.")
		}
		files[p.File] = strings.Replace(text, p.Old, fmt.Sprintf(p.New, awake), 1)
	}
	replace := map[string]string{}
	for name, text := range files {
		mutated := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		err = errors.Join(err, os.WriteFile(mutated, []byte(text), 0o600))
		replace[filepath.Join(root, name)] = mutated
	}
	b, e := json.Marshal(map[string]any{"Replace": replace})
	file = filepath.Join(dir, "overlay.json")
	return file, errors.Join(err, e, os.WriteFile(file, b, 0o600))
}

// BuildPlanted builds the program with all bugs in it, asleep.
func (p *Parts) BuildPlanted(ctx context.Context, root string, plants []Mutant) (program string, err error) {
	dir, err := os.MkdirTemp(p.dir, "planted-")
	if err != nil {
		return "", err
	}
	file, err := overlay(root, dir, plants)
	if err != nil {
		return "", err
	}
	return p.Build(ctx, "parley-planted", file)
}
