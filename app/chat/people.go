package chat

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"
)

// PeopleStore finds people by name, and tells what a viewer and others are to each other. A request that was declined after silentSince
// still waits, for its asker.
type PeopleStore interface {
	// SearchPeople finds at most limit people whose name has text in it, accents and case ignored: first where a word begins with it, then the
	// most similar names. Never the viewer, deleted or unconfirmed accounts, or those who blocked the viewer.
	SearchPeople(ctx context.Context, viewer uuid.UUID, text string, silentSince time.Time, limit int) ([]PersonView, error)
	// PersonAs answers NotFound for nobody and for a deleted account. It doesn't tell of a block by the other person.
	PersonAs(ctx context.Context, viewer, person uuid.UUID, silentSince time.Time) (PersonView, error)
}

// What a viewer and another person are to each other.
const (
	StateNone      = "none"
	StateRequested = "requested" // the viewer asked
	StateIncoming  = "incoming"  // the other one asked
	StateFriends   = "friends"
	StateBlocked   = "blocked" // by the viewer
)

// Found is a person, and what they are to the viewer.
type PersonView struct {
	Person
	State     string
	RequestID *uuid.UUID // of the request that waits, in either direction
	JoinedAt  time.Time
	ChangedAt time.Time // when they became friends, or one asked the other; else JoinedAt
}

// MostPeople is how many a search finds.
const MostPeople = 20

// How a text to be searched for is bounded, in code points.
const (
	minSearch = 2
	maxSearch = 100
)

// SearchText is what is searched for; ok tells whether it is enough.
func SearchText(q string) (text string, ok bool) {
	text = strings.ReplaceAll(strings.ToValidUTF8(q, ""), "\x00", "")
	text = norm.NFC.String(strings.Join(strings.Fields(text), " "))
	n := utf8.RuneCountInString(text)
	return text, n >= minSearch && n <= maxSearch
}

// People finds people by a part of their name; with too little to search for, nobody. Errors: TooFast.
func (s *Service) People(ctx context.Context, viewer Person, q string) ([]PersonView, error) {
	text, ok := SearchText(q)
	if !ok {
		return nil, nil
	}
	if err := s.limits.searches.Take(ctx, viewer.ID); err != nil {
		return nil, tooFast(err)
	}
	return s.store.SearchPeople(ctx, viewer.ID, text, s.silentSince(), MostPeople)
}

// PersonAs tells what a person is to the viewer.
func (s *Service) PersonAs(ctx context.Context, viewer Person, person uuid.UUID) (PersonView, error) {
	return s.store.PersonAs(ctx, viewer.ID, person, s.silentSince())
}
