package chat

import "time"

// Timestamp is an instant as it leaves the process: RFC 3339, UTC, milliseconds.
type Timestamp struct{ time.Time }

const timestampLayout = "2006-01-02T15:04:05.000Z"

// At returns t in UTC, truncated to milliseconds.
func At(t time.Time) Timestamp { return Timestamp{t.UTC().Truncate(time.Millisecond)} }

// String returns the timestamp in its layout.
func (t Timestamp) String() string { return t.UTC().Format(timestampLayout) }

// MarshalJSON returns the timestamp in its layout, quoted.
func (t Timestamp) MarshalJSON() ([]byte, error) {
	return t.UTC().AppendFormat(make([]byte, 0, len(timestampLayout)+2), `"`+timestampLayout+`"`), nil
}

// UnmarshalJSON reads any RFC 3339 timestamp and truncates it like At.
func (t *Timestamp) UnmarshalJSON(b []byte) error {
	if err := t.Time.UnmarshalJSON(b); err != nil {
		return err
	}
	*t = At(t.Time)
	return nil
}
