package postgres_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/postgres"
	"parley/app/postgres/postgrestest"
)

// TestStress runs four writer processes, of which two share conversations, beside
// direct writers in the same conversations, with redelivery and kill -9 at random.
// Afterwards every message must be stored once, and the seqs of every conversation
// must have no gap.
func TestStress(t *testing.T) {
	t.Parallel()
	const records, kills = 3_000, 40
	url := postgrestest.URL(t)
	s := postgrestest.Open(t, url)
	names := make([]string, 21)
	for i := range names {
		names[i] = fmt.Sprintf("Person %d", i)
	}
	people := postgrestest.People(t, s, names...)
	var all []uuid.UUID
	sender := people[0].ID // is a member of all conversations
	for _, other := range people[1:] {
		all = append(all, postgrestest.Direct(t, s, people[0], other))
	}

	jobs := make([]writerJob, 4)
	for i, conversations := range [][]uuid.UUID{all[:8], all[:8], all[8:14], all[14:]} {
		jobs[i] = writerJob{
			URL:           url,
			Seed:          uint64(i + 1),
			Records:       records,
			Conversations: conversations,
			Sender:        sender,
			OffsetFile:    filepath.Join(t.TempDir(), "offset"),
		}
	}

	ctx, stop := context.WithCancel(context.Background())
	var direct sync.WaitGroup
	sent := make([][]chat.Message, 4)
	for i := range sent {
		direct.Go(func() { sent[i] = writeDirectly(ctx, t, s, sender, all) })
	}
	killed := runAndKill(t, jobs, kills)
	stop()
	direct.Wait()
	if killed < kills/2 {
		t.Errorf("only %d writers were killed, want at least %d", killed, kills/2)
	}

	want := map[uuid.UUID]uuid.UUID{} // conversation by message
	for _, j := range jobs {
		for n := range j.Records {
			m := j.record(n)
			want[m.ID] = m.ConversationID
		}
	}
	logged := len(want)
	for _, list := range sent {
		for _, m := range list {
			want[m.ID] = m.ConversationID
		}
	}
	t.Logf("%d messages from four logs, %d direct ones, %d writers killed", logged, len(want)-logged, killed)
	checkStored(t, url, want)
}

// writeDirectly stores messages one at a time until ctx ends, as handlers do while
// Kafka is down, some of them twice.
func writeDirectly(
	ctx context.Context, t *testing.T, s *postgres.Store, sender uuid.UUID, conversations []uuid.UUID,
) (sent []chat.Message) {
	for ctx.Err() == nil {
		conversation := conversations[rand.IntN(len(conversations))]
		m := directMessage(conversation, chat.Person{ID: sender}, "direct "+uuid.NewString())
		for range 1 + rand.IntN(2) {
			if _, err := s.StoreDirect(context.Background(), conversation, m); err != nil {
				t.Errorf("direct write: %v", err)
				return sent
			}
		}
		sent = append(sent, m...)
	}
	return sent
}

// runAndKill runs every job to its end and kills its process at random until it
// has been killed kills/len(jobs) times. It returns how many processes it killed.
func runAndKill(t *testing.T, jobs []writerJob, kills int) int {
	var killed atomic.Int64
	var all sync.WaitGroup
	for i, j := range jobs {
		path := filepath.Join(t.TempDir(), fmt.Sprintf("job-%d", i))
		b, err := json.Marshal(j)
		must(t, err)
		must(t, os.WriteFile(path, b, 0o600))

		all.Go(func() {
			for own := 0; j.committed() < j.Records; {
				wasKilled, err := runProcess(path, own < kills/len(jobs))
				switch {
				case wasKilled:
					own++
					killed.Add(1)
				case err != nil:
					t.Errorf("writer process: %v", err)
					return
				}
			}
		})
	}
	all.Wait()
	return int(killed.Load())
}

// runProcess runs a writer process until it ends or, with kill, for a random time.
func runProcess(job string, kill bool) (killed bool, err error) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "PARLEY_WRITER_JOB="+job)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return false, err
	}
	if !kill {
		return false, cmd.Wait()
	}

	timer := time.AfterFunc(time.Duration(20+rand.IntN(150))*time.Millisecond, func() { _ = cmd.Process.Kill() })
	err = cmd.Wait()
	return !timer.Stop() && err != nil, err
}

// checkStored compares the table with the messages that were acknowledged.
func checkStored(t *testing.T, url string, want map[uuid.UUID]uuid.UUID) {
	t.Helper()
	rows, err := connect(t, url).Query(context.Background(),
		"SELECT conversation_id, seq, id FROM messages ORDER BY conversation_id, seq")
	must(t, err)
	defer rows.Close()

	last := map[uuid.UUID]int64{}
	for rows.Next() {
		var conversation, id uuid.UUID
		var seq int64
		must(t, rows.Scan(&conversation, &seq, &id))
		if last[conversation]++; seq != last[conversation] {
			t.Fatalf("conversation %s: seq %d follows %d", conversation, seq, last[conversation]-1)
		}
		if want[id] != conversation {
			t.Errorf("message %s is stored twice, or was never sent", id)
		}
		delete(want, id)
	}
	must(t, rows.Err())
	if len(want) > 0 {
		t.Errorf("%d messages are lost", len(want))
	}
}
