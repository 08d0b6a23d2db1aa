package components

import (
	"strconv"
	"time"
)

// Draft is the content of the composer: nothing, a draft, or a message that could
// not be sent.
type Draft struct {
	Body     string
	ClientID string // a UUIDv7, new after each send
	Problem  string // a sentence for the person if the message could not be sent
	Saved    bool   // the server keeps a draft of Body under ClientID
	SavedAt  time.Time
	Returned string // ids of returned messages whose text Body includes; sending dismisses them
}

// SavedClientID returns the client id of the saved draft, or "" without one. A send
// deletes that draft.
func (d Draft) SavedClientID() string {
	if d.Saved {
		return d.ClientID
	}

	return ""
}

// savedAtText returns when the draft was saved, in milliseconds as scripts count them.
func (d Draft) savedAtText() string { return strconv.FormatInt(d.SavedAt.UnixMilli(), 10) }
