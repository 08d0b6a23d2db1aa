package status

// DeadLetter is a record that could not be stored, as operators see it.
type DeadLetter struct {
	ID             string
	Origin         string // partition-offset in the log
	State          string // waiting, replayed or discarded
	Reason         string
	DeadLetteredAt string
	Bytes          int

	// The fields below are empty when the record can't be decoded.

	MessageID      string
	ConversationID string
	SenderID       string
	SentAt         string
	Text           string // "" unless the operator asked for it
}
