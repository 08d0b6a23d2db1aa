package chat

import (
	"encoding/json"
	"fmt"
)

// eventVersion is the version of the encoding that this release writes, and the
// newest that it reads.
const eventVersion = 1

type envelope struct {
	V     int             `json:"v"`
	Kind  EventKind       `json:"kind"`
	Trace string          `json:"trace"` // of a message; older releases ignore it
	Data  json.RawMessage `json:"data"`
}

// EncodeEvent encodes an event for other replicas: {"v":1,"kind":"message","data":{…}}.
func EncodeEvent(e Event) ([]byte, error) {
	data, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	// Not with encoding/json, which would read all of data again to compact it.
	return fmt.Appendf(make([]byte, 0, len(data)+64), `{"v":%d,"kind":%q,"data":%s}`,
		eventVersion, string(e.Kind()), data), nil
}

// EncodeMessageEvent is EncodeEvent of a MessageEvent whose message is encoded
// already, because the tail stores it in that form too. The trace, if there is one,
// is beside the message.
func EncodeMessageEvent(message json.RawMessage, trace string) []byte {
	if trace != "" {
		trace = fmt.Sprintf(`"trace":%q,`, trace)
	}
	return fmt.Appendf(make([]byte, 0, len(message)+128), `{"v":%d,"kind":%q,%s"data":{"message":%s}}`,
		eventVersion, string(EventMessage), trace, message)
}

// DecodeEvent decodes what EncodeEvent returned. An event of an unknown kind or a newer
// version becomes a ResyncEvent, so that the pages fetch what it may have said. Bytes
// that are no event are an error.
func DecodeEvent(b []byte) (Event, error) {
	var env envelope
	if err := json.Unmarshal(b, &env); err != nil {
		return nil, fmt.Errorf("event: %w", err)
	}

	kind, known := eventKinds[env.Kind]
	if !known || env.V > eventVersion {
		return ResyncEvent{}, nil
	}

	e, err := kind.decode(env.Data)
	if err != nil {
		return nil, fmt.Errorf("%s event: %w", env.Kind, err)
	}

	if m, ok := e.(MessageEvent); ok {
		m.Message.Trace = env.Trace
		return m, nil
	}

	return e, nil
}

func decode[E Event](data json.RawMessage) (Event, error) {
	var e E
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, err
	}
	return e, nil
}

// decodeEmpty ignores the data of an event that has none.
func decodeEmpty[E Event](json.RawMessage) (Event, error) {
	var e E
	return e, nil
}
