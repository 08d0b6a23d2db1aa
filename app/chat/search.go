package chat

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// SearchStore finds people by name, and the relation of a viewer to them. A request
// that was declined after silentSince still counts as pending for its asker.
type SearchStore interface {
	// SearchPeople returns at most limit people whose name matches text: its folded
	// form contains that of text, and its NameGrams contain the QueryGrams of text.
	// Friends come first, then names with a word that begins with the text, then the
	// shortest names. Of those that it returns, people whom the viewer has blocked come
	// last. It never returns the viewer, or deleted or unconfirmed accounts.
	SearchPeople(
		ctx context.Context, viewer uuid.UUID, text string, silentSince time.Time, limit int,
	) ([]PersonView, error)
	// ViewPerson returns NotFound for an unknown person and for a deleted or unconfirmed
	// account. It does not reveal a block by the other person.
	ViewPerson(ctx context.Context, viewer, person uuid.UUID, silentSince time.Time) (PersonView, error)
}

// Relations of a viewer to another person.
const (
	StateNone      = "none"      // strangers
	StateRequested = "requested" // the viewer sent a request
	StateIncoming  = "incoming"  // the other person sent a request
	StateFriends   = "friends"   // they may write to each other
	StateBlocked   = "blocked"   // by the viewer
	StateSelf      = "self"      // the viewer; of a card only
)

// PersonView is a person as a viewer sees them.
type PersonView struct {
	Person
	State     string
	RequestID *uuid.UUID // of the pending request, in either direction
	JoinedAt  time.Time
	ChangedAt time.Time // of the friendship or the request; else JoinedAt

	ConversationID *uuid.UUID // with the viewer; nil: none
}

// PersonCard is all that a viewer sees of a person.
type PersonCard struct {
	PersonView
	Activity Activity // of a friend; else the zero value
}

// MaxSearchResults is how many people a search returns.
const MaxSearchResults = 20

// maxSearchRunes bounds a search text, in code points.
const maxSearchRunes = 100

// SearchText normalises a query. ok is false when nothing of it can be searched for,
// and when it is too long.
func SearchText(q string) (text string, ok bool) {
	text = compose(strings.ReplaceAll(strings.ToValidUTF8(q, ""), "\x00", ""))
	return text, len(QueryGrams(Fold(text))) > 0 && utf8.RuneCountInString(text) <= maxSearchRunes
}

// Search returns people by a part of their name, and nobody for a query that
// SearchText rejects. Errors: TooFast.
func (s *People) Search(ctx context.Context, viewer Person, q string) ([]PersonView, error) {
	text, ok := SearchText(q)
	if !ok {
		return nil, nil
	}
	if err := s.searches.Take(ctx, viewer.ID); err != nil {
		return nil, tooFast(err)
	}
	return s.store.SearchPeople(ctx, viewer.ID, text, s.silentSince(), MaxSearchResults)
}

// ViewPerson returns a person as the viewer sees them.
func (s *People) ViewPerson(ctx context.Context, viewer Person, person uuid.UUID) (PersonView, error) {
	return s.store.ViewPerson(ctx, viewer.ID, person, s.silentSince())
}

// Card returns all that the viewer sees of a person. Presence is for friends only.
// Errors: NotFound, for people whom no search finds.
func (s *People) Card(ctx context.Context, viewer Person, person uuid.UUID) (PersonCard, error) {
	view, err := s.ViewPerson(ctx, viewer, person)
	card := PersonCard{PersonView: view}
	switch {
	case err != nil:
		return PersonCard{}, err
	case person == viewer.ID:
		card.State = StateSelf
	case card.State == StateFriends:
		card.Activity = s.Activities(ctx, viewer.ID, []uuid.UUID{person})[person]
	}
	return card, nil
}
