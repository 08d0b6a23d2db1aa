package chaos

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"parley/app/drill/verify"
)

// Sighting is a row when it first appeared on a screen.
type Sighting struct {
	Person       int
	Conversation int
	ID           uuid.UUID
	Body         string
	At           time.Duration
}

// History is what happened as people saw it: what senders know, and what their
// screens showed. It is safe for concurrent use.
type History struct {
	*verify.History

	mu        sync.Mutex // guards the fields below
	outages   outages
	sightings []Sighting
	found     []Finding // what was wrong at sight
}

// NewHistory begins a history.
func NewHistory() *History {
	return &History{History: verify.NewHistory(), outages: outages{open: map[banner]time.Duration{}}}
}

// Show records that a row appeared on a person's screen.
func (h *History) Show(person, conversation int, id uuid.UUID, body string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sightings = append(h.sightings, Sighting{
		Person: person, Conversation: conversation, ID: id, Body: body, At: h.Now(),
	})
}

// Find records what is wrong at sight: Leaked, Misled, Stuck.
func (h *History) Find(kind Kind, what string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.found = append(h.found, Finding{Kind: kind, Round: h.Round(), What: fmt.Sprintf(what, args...)})
}

// Mode records which dependencies a person's page now shows as down.
func (h *History) Mode(person int, down []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.outages.set(person, down, h.Now())
}

// Evidence is the history for Check. The caller adds what is stored, read and
// shown in the end.
func (h *History) Evidence() Evidence {
	ops := h.Ops()
	h.mu.Lock()
	defer h.mu.Unlock()

	for i, op := range ops {
		down := func(dependency string) bool { return h.outages.overlap(dependency, op.Invoked, op.Done, h.Now()) }
		ops[i].Unordered = down("kafka") && down("redis")
	}

	return Evidence{Ops: ops, Sightings: slices.Clone(h.sightings), Found: slices.Clone(h.found)}
}

// marker is the body of a message, unlike any other. It names its conversation
// and its sender, so that a message is recognized wherever it appears.
func marker(run string, conversation, person, n int) string {
	return fmt.Sprintf("marker-%s-c%d-p%d-n%d.", run, conversation, person, n)
}

var markerPattern = regexp.MustCompile(`marker-([0-9a-z]+)-c(\d+)-p\d+-n\d+\.`)

// foreign returns the markers in raw bytes that belong to no conversation of own
// in this run.
func foreign(raw []byte, run string, own map[int]bool) (found []string) {
	for _, m := range markerPattern.FindAllSubmatch(raw, -1) {
		conversation, err := strconv.Atoi(string(m[2]))
		if err != nil || string(m[1]) != run || !own[conversation] {
			found = append(found, string(m[0]))
		}
	}

	return found
}
