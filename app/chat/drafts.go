package chat

// DraftStore keeps what was typed and not sent.
type DraftStore interface{}
