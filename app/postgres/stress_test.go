package postgres_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"parley/app/chat"
	"parley/app/postgres"
	"parley/app/postgres/postgrestest"
)

// job is one writer's partition: a log that a seed gives, and where it remembers its offset.
type job struct {
	URL           string
	Seed          uint64
	Records       int
	Conversations []uuid.UUID
	Sender        uuid.UUID
	Committed     string // a file
}

// record is the message at an offset of a job's log. Every tenth repeats an earlier one: redelivered by a producer.
func (j job) record(offset int) chat.Message {
	if offset%10 == 9 {
		m := j.record(offset - 7)
		n := int64(offset)
		m.LogOffset = &n
		return m
	}
	r := rand.New(rand.NewPCG(j.Seed, uint64(offset)))
	var client uuid.UUID
	binary.BigEndian.PutUint64(client[:8], 1_700_000_000_000<<16|0x7000)
	binary.BigEndian.PutUint64(client[8:], 1<<63|uint64(offset))
	n, body := int64(offset), fmt.Sprintf("%d/%d", j.Seed, offset)
	conversation := j.Conversations[r.IntN(len(j.Conversations))]
	return chat.Message{
		ID: chat.MessageID(j.Sender, conversation, client, body), ConversationID: conversation, LogOffset: &n, ClientID: client,
		Sender: chat.Person{ID: j.Sender}, Body: body, SentAt: chat.At(time.Unix(1_700_000_000+n, 0)),
	}
}

// writeJob is the writer process: batches of random size, the offset kept after each, and now and then an earlier batch again.
func writeJob(path string) error {
	var j job
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &j)
	}
	if err != nil {
		return err
	}
	s, err := postgres.Open(j.URL)
	if err != nil {
		return err
	}
	defer s.Close()
	w := s.NewWriter()
	for offset := committed(j); offset < j.Records; {
		from := offset
		if rand.IntN(5) == 0 {
			from = max(0, offset-rand.IntN(200))
		}
		to := min(j.Records, offset+1+rand.IntN(150))
		batch := make([]chat.Message, 0, to-from)
		for n := from; n < to; n++ {
			batch = append(batch, j.record(n))
		}
		if _, err := w.StoreBatch(context.Background(), batch); err != nil {
			return err
		}
		offset = to
		partial := j.Committed + ".partial"
		if err := os.WriteFile(partial, binary.BigEndian.AppendUint64(nil, uint64(offset)), 0o600); err != nil {
			return err
		}
		if err := os.Rename(partial, j.Committed); err != nil {
			return err
		}
	}
	return nil
}

func committed(j job) int {
	b, err := os.ReadFile(j.Committed)
	if err != nil {
		return 0
	}
	return int(binary.BigEndian.Uint64(b))
}

// TestStress: four writer processes, two of them sharing conversations, direct writers in the same conversations beside them,
// redelivery, and kill -9 at random. Then every message is there once, and every conversation's numbers have no gap.
func TestStress(t *testing.T) {
	const records, kills = 3_000, 40
	url := postgrestest.URL(t)
	s := postgrestest.Open(t, url)
	names := make([]string, 40)
	for i := range names {
		names[i] = fmt.Sprintf("Person %d", i)
	}
	people := postgrestest.People(t, s, names...)
	var talks []uuid.UUID
	for i := 0; i+1 < len(people); i += 2 {
		talks = append(talks, postgrestest.Direct(t, s, people[i], people[i+1]))
	}
	jobs := make([]job, 4)
	for i, own := range [][]uuid.UUID{talks[:8], talks[:8], talks[8:14], talks[14:]} {
		jobs[i] = job{URL: url, Seed: uint64(i + 1), Records: records, Conversations: own, Sender: people[i].ID, Committed: filepath.Join(t.TempDir(), "offset")}
	}
	ctx, stop := context.WithCancel(context.Background())
	var direct sync.WaitGroup
	sent := make([][]chat.Message, 4)
	for i := range sent {
		direct.Add(1)
		go func() { defer direct.Done(); sent[i] = writeDirectly(ctx, t, s, people[10+i].ID, talks) }()
	}
	killed := runAndKill(t, jobs, kills)
	stop()
	direct.Wait()
	if killed < kills/2 {
		t.Errorf("only %d writers were killed: too few to mean anything", killed)
	}

	want := map[uuid.UUID]uuid.UUID{} // conversation by message
	for _, j := range jobs {
		for n := range j.Records {
			m := j.record(n)
			want[m.ID] = m.ConversationID
		}
	}
	directly := 0
	for _, list := range sent {
		for _, m := range list {
			want[m.ID] = m.ConversationID
			directly++
		}
	}
	t.Logf("%d from four logs, %d directly, %d writers killed", len(want)-directly, directly, killed)
	checkStored(t, url, want)
}

// writeDirectly stores messages one at a time, as handlers do while the log is away, each sometimes twice.
func writeDirectly(ctx context.Context, t *testing.T, s *postgres.Store, sender uuid.UUID, talks []uuid.UUID) (sent []chat.Message) {
	for ctx.Err() == nil {
		client, talk := chat.NewID(), talks[rand.IntN(len(talks))]
		body := "directly " + client.String()
		m := chat.Message{ID: chat.MessageID(sender, talk, client, body), ConversationID: talk, ClientID: client, Sender: chat.Person{ID: sender}, Body: body, SentAt: chat.At(time.Now())}
		for range 1 + rand.IntN(2) {
			if _, err := s.StoreDirect(context.Background(), talk, []chat.Message{m}); err != nil {
				t.Errorf("direct write: %v", err)
				return sent
			}
		}
		sent = append(sent, m)
	}
	return sent
}

// runAndKill runs every job to its end, killing its process every now and then. It answers how many were killed.
func runAndKill(t *testing.T, jobs []job, kills int) (killed int) {
	var mu sync.Mutex
	var all sync.WaitGroup
	for i, j := range jobs {
		path := filepath.Join(t.TempDir(), fmt.Sprintf("job-%d", i))
		b, err := json.Marshal(j)
		if err == nil {
			err = os.WriteFile(path, b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		all.Add(1)
		go func() {
			defer all.Done()
			for mine := 0; committed(j) < j.Records; {
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), "PARLEY_WRITER_JOB="+path)
				cmd.Stderr = os.Stderr
				if err := cmd.Start(); err != nil {
					t.Error(err)
					return
				}
				var timer *time.Timer
				if mine < kills/len(jobs) {
					timer = time.AfterFunc(time.Duration(20+rand.IntN(150))*time.Millisecond, func() { _ = cmd.Process.Kill() })
				}
				err := cmd.Wait()
				if timer != nil && !timer.Stop() && err != nil {
					mine++
					mu.Lock()
					killed++
					mu.Unlock()
				} else if err != nil {
					t.Errorf("writer: %v", err)
					return
				}
			}
		}()
	}
	all.Wait()
	return killed
}

// checkStored compares the table with what was acknowledged.
func checkStored(t *testing.T, url string, want map[uuid.UUID]uuid.UUID) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, "SELECT conversation_id, seq, id FROM messages ORDER BY conversation_id, seq")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	last := map[uuid.UUID]int64{}
	for rows.Next() {
		var talk, id uuid.UUID
		var seq int64
		if err := rows.Scan(&talk, &seq, &id); err != nil {
			t.Fatal(err)
		}
		if last[talk]++; seq != last[talk] {
			t.Fatalf("conversation %s: %d comes after %d", talk, seq, last[talk]-1)
		}
		if want[id] != talk {
			t.Errorf("%s is stored and nobody sent it, or it is there twice", id)
		}
		delete(want, id)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if len(want) > 0 {
		t.Errorf("%d messages are lost", len(want))
	}
}
