package kafka

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"parley/app/chat"
)

// recordVersion is the version that this release writes and the newest that it reads.
const recordVersion = 1

var (
	// errNewer marks a record of a later release. The record is good, but this writer is too
	// old for it.
	errNewer = errors.New("record of a newer release")

	errNotRecord = errors.New("not a record")
)

// Headers of a record of the log. Older releases ignore them.
const (
	headerReplica = "replica"     // the replica that appended it
	headerTrace   = "traceparent" // W3C Trace Context
)

// kindText is the kind of records that this release writes and reads. Records that do not
// name their kind are texts.
const kindText = string(chat.MessageText)

// recordHead has the fields that every release writes, whatever else its records have.
type recordHead struct {
	V    float64 `json:"v"` // not an integer type, so that no number is an error
	Kind any     `json:"kind"`
}

// record is a message in the log, readable in any Kafka tool. Its key is the conversation's
// id.
type record struct {
	V              int            `json:"v"`
	Kind           string         `json:"kind,omitempty"` // "": kindText
	ID             uuid.UUID      `json:"id"`
	ConversationID uuid.UUID      `json:"conversation_id"`
	SenderID       uuid.UUID      `json:"sender_id"`
	ClientID       uuid.UUID      `json:"client_id"`
	Body           string         `json:"body"`
	SentAt         chat.Timestamp `json:"sent_at"`
}

func encode(m chat.Message) ([]byte, error) {
	return json.Marshal(record{
		V:              recordVersion,
		ID:             m.ID,
		ConversationID: m.ConversationID,
		SenderID:       m.Sender.ID,
		ClientID:       m.ClientID,
		Body:           m.Body,
		SentAt:         m.SentAt,
	})
}

// decode decodes a record's value. errNewer means that a newer release is needed. Any other
// error is final. If it wraps chat.ErrContent, the message is returned with it, because its
// sender is known.
func decode(value []byte, offset int64) (chat.Message, error) {
	var r record
	// Decoding is the message writer's largest cost, and v2 is twice as fast.
	if err := jsonv2.Unmarshal(value, &r); err != nil {
		if newer := checkHead(value); newer != nil {
			return chat.Message{}, newer
		}
		return chat.Message{}, fmt.Errorf("%w: %w", errNotRecord, err)
	}
	if r.V > recordVersion || r.Kind != "" && r.Kind != kindText {
		if newer := checkHead(value); newer != nil {
			return chat.Message{}, newer
		}
	}
	switch {
	case r.V < 1 || r.ID == uuid.Nil || r.ConversationID == uuid.Nil || r.SenderID == uuid.Nil ||
		r.ClientID == uuid.Nil || r.SentAt.IsZero():
		return chat.Message{}, fmt.Errorf("%w: a field is missing", errNotRecord)
	}

	m := chat.Message{
		ID:             r.ID,
		ConversationID: r.ConversationID,
		LogOffset:      &offset,
		ClientID:       r.ClientID,
		Sender:         chat.Person{ID: r.SenderID},
		Body:           r.Body,
		SentAt:         r.SentAt,
		Kind:           chat.MessageText,
	}
	if _, err := chat.NormalizeBody(r.Body); err != nil {
		return m, contentError(r.Body)
	}
	return m, nil
}

// checkHead returns errNewer for a record of a later release, even if this release cannot
// decode the record's other fields.
func checkHead(value []byte) error {
	var head recordHead
	if err := jsonv2.Unmarshal(value, &head); err != nil {
		return nil
	}
	switch {
	case head.V > recordVersion:
		return fmt.Errorf("%w: its version is %v, and this release reads up to %d", errNewer, head.V, recordVersion)
	case head.V > 0 && head.Kind != nil && head.Kind != "" && head.Kind != kindText:
		return fmt.Errorf("%w: its kind is %.40q, which this release does not know", errNewer, fmt.Sprint(head.Kind))
	}
	return nil
}

// contentError returns which rule a message's text breaks.
func contentError(body string) error {
	switch {
	case strings.ContainsRune(body, 0):
		return fmt.Errorf("%w: %w", chat.ErrContent, chat.ErrCharacters)
	case len(body) > chat.MaxBodyBytes || utf8.RuneCountInString(body) > chat.MaxBodyRunes:
		return fmt.Errorf("%w: %w", chat.ErrContent, chat.ErrTooLong)
	}
	return fmt.Errorf("%w: a blank body", chat.ErrContent)
}

func isNewer(err error) bool   { return errors.Is(err, errNewer) }
func isContent(err error) bool { return errors.Is(err, chat.ErrContent) }
