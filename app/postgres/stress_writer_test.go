package postgres_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/postgres"
)

// writerJob is the partition of one writer process: a log whose records follow
// from a seed, and the file of its committed offset.
type writerJob struct {
	URL           string
	Seed          uint64
	Records       int
	Conversations []uuid.UUID
	Sender        uuid.UUID
	OffsetFile    string
}

// record returns the message at an offset of the log. Every tenth repeats an
// earlier message, as a producer does that retries.
func (j writerJob) record(offset int) chat.Message {
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
		ID:             chat.MessageID(j.Sender, conversation, client, body),
		ConversationID: conversation,
		LogOffset:      &n,
		ClientID:       client,
		Sender:         chat.Person{ID: j.Sender},
		Body:           body,
		SentAt:         chat.At(time.Unix(1_700_000_000+n, 0)),
	}
}

// committed returns the committed offset, 0 if there is none.
func (j writerJob) committed() int {
	b, err := os.ReadFile(j.OffsetFile)
	if err != nil {
		return 0
	}
	return int(binary.BigEndian.Uint64(b))
}

func (j writerJob) commit(offset int) error {
	partial := j.OffsetFile + ".partial"
	if err := os.WriteFile(partial, binary.BigEndian.AppendUint64(nil, uint64(offset)), 0o600); err != nil {
		return err
	}
	return os.Rename(partial, j.OffsetFile)
}

// runWriter is the writer process. It stores batches of random size, commits the
// offset after each, and sometimes stores earlier records again.
func runWriter(path string) error {
	var j writerJob
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
	for offset := j.committed(); offset < j.Records; {
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
		if err := j.commit(offset); err != nil {
			return err
		}
	}
	return nil
}
