// Package chattest has in-memory fakes of the ports of chat, and the conformance suites
// that both the fakes and the real adapters must pass.
package chattest

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Store is chat.Store in memory. Down makes every call return Unavailable. Unsure
// makes the next direct write commit and return an unknown outcome.
type Store struct {
	Down   bool
	Unsure bool
	// Refuse, if set, is the error that Return returns.
	Refuse error
	// Hidden people hide their presence, SilentTypers their typing.
	Hidden, SilentTypers map[uuid.UUID]bool

	mu             sync.Mutex
	identities     map[[2]string]chat.Person
	unconfirmed    map[uuid.UUID]bool
	spent          map[[32]byte]bool // sign-in secrets
	sessions       map[[32]byte]chat.Session
	pictures       map[string]chat.Picture
	chosen         map[uuid.UUID]bool // people who have set or removed a picture
	conversations  []*storedConversation
	friendships    map[[2]uuid.UUID]time.Time // start times
	requests       []*request
	blocks         map[[2]uuid.UUID]bool       // blocker, blocked
	settings       map[uuid.UUID]chat.Settings // changed ones
	seen           map[uuid.UUID]time.Time
	drafts         map[draftKey]chat.Draft
	returned       map[uuid.UUID]returned
	lastViews      map[[2]uuid.UUID]lastView // viewer, person
	departed       map[[2]string]uuid.UUID   // deleted accounts, by identity
	inviteVersions map[uuid.UUID]int32
	spentRequests  map[uuid.UUID][]time.Time // requests that were deleted with an account, by asker
}

var _ chat.Store = (*Store)(nil)

// NewStore returns an empty store.
func NewStore() *Store {
	return &Store{
		identities:     map[[2]string]chat.Person{},
		unconfirmed:    map[uuid.UUID]bool{},
		spent:          map[[32]byte]bool{},
		sessions:       map[[32]byte]chat.Session{},
		pictures:       map[string]chat.Picture{},
		chosen:         map[uuid.UUID]bool{},
		friendships:    map[[2]uuid.UUID]time.Time{},
		blocks:         map[[2]uuid.UUID]bool{},
		settings:       map[uuid.UUID]chat.Settings{},
		Hidden:         map[uuid.UUID]bool{},
		SilentTypers:   map[uuid.UUID]bool{},
		seen:           map[uuid.UUID]time.Time{},
		drafts:         map[draftKey]chat.Draft{},
		returned:       map[uuid.UUID]returned{},
		lastViews:      map[[2]uuid.UUID]lastView{},
		departed:       map[[2]string]uuid.UUID{},
		inviteVersions: map[uuid.UUID]int32{},
		spentRequests:  map[uuid.UUID][]time.Time{},
	}
}

// lock locks the store, or returns Unavailable while it is down.
func (s *Store) lock() (unlock func(), err error) {
	s.mu.Lock()
	if s.Down {
		s.mu.Unlock()
		return func() {}, chat.Unavailable("memory", context.DeadlineExceeded)
	}
	return s.mu.Unlock, nil
}

// position returns the offset that a page token stands for.
func position(page string) (int, error) {
	if page == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(page)
	if err != nil {
		return 0, chat.Invalid("page", "no such page")
	}
	return n, nil
}

// paged returns a page of a list and the token of the next page, if there is one.
func paged[T any](all []T, from, limit int) ([]T, string) {
	to := min(len(all), from+limit)
	next := ""
	if to < len(all) {
		next = strconv.Itoa(to)
	}
	return append([]T{}, all[min(from, to):to]...), next
}
