package web

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/limit"
)

// budget is what a route costs a person. Its zero value is rejected by a test.
type budget struct {
	// Kind is the bucket of tokens; "" for routes without one.
	Kind budgetKind

	// Cost is how many tokens one request takes.
	Cost int

	// Reason says why a route needs no bucket.
	Reason string
}

// budgetKind names a bucket of tokens that each person has.
type budgetKind string

const (
	accountChanges budgetKind = "account"   // invalidate sessions and notify friends
	uploads        budgetKind = "uploads"   // decode a picture
	relations      budgetKind = "relations" // friends, requests and blocks: write and notify
	marks          budgetKind = "marks"     // read and delivered: write and notify
	endings        budgetKind = "endings"   // end sessions; of each session, so that a thief can't spend them
	pageReads      budgetKind = "reads"     // run several queries or render a page
	pictureReads   budgetKind = "pictures"  // read one row, and are cached by browsers
)

// Budgets of the table of routes.
var (
	changes  = budget{Kind: accountChanges, Cost: 1}
	upload   = budget{Kind: uploads, Cost: 1}
	relation = budget{Kind: relations, Cost: 1}
	mark     = budget{Kind: marks, Cost: 1}
	ending   = budget{Kind: endings, Cost: 1}
	page     = budget{Kind: pageReads, Cost: 2}
	count    = budget{Kind: pageReads, Cost: 20} // reads a whole conversation
	image    = budget{Kind: pictureReads, Cost: 1}

	ownLimit = budget{Reason: "the domain has a limit of its own for it"}
	cheap    = budget{Reason: "reads nothing but a session, or nothing at all"}
	once     = budget{Reason: "ends the session that it needs"}
)

// sharedBudgets are those whose tokens all replicas share, because their cost is everybody's.
var sharedBudgets = map[budgetKind]bool{accountChanges: true, uploads: true, relations: true}

const (
	maxReads    = 2               // pages that are read and rendered for a person at once
	readTimeout = 5 * time.Second // of the wait for one of them
)

// budgets are the buckets of a server.
type budgets struct {
	buckets map[budgetKind]*limit.TokenBuckets[uuid.UUID]
	reading *limit.Shares[uuid.UUID]
}

func newBudgets(o Options) budgets {
	slots := maxReads
	if o.ReadRate.Burst == 0 {
		slots = 0
	}
	b := budgets{
		buckets: map[budgetKind]*limit.TokenBuckets[uuid.UUID]{},
		reading: limit.NewShares[uuid.UUID](slots, 0),
	}

	for kind, rate := range map[budgetKind]limit.Rate{
		accountChanges: o.ChangeRate,
		uploads:        o.UploadRate,
		relations:      unlessUnlimited(o.ChangeRate, limit.Rate{Burst: 60, PerSecond: 1}),
		marks:          unlessUnlimited(o.ChangeRate, limit.Rate{Burst: 400, PerSecond: 50}),
		endings:        unlessUnlimited(o.ChangeRate, limit.Rate{Burst: 20, PerSecond: 0.5}),
		pageReads:      o.ReadRate,
		pictureReads:   unlessUnlimited(o.ReadRate, limit.Rate{Burst: 600, PerSecond: 60}),
	} {
		var store limit.Store
		if sharedBudgets[kind] {
			store = o.RateLimits
		}
		b.buckets[kind] = limit.NewSharedTokenBuckets[uuid.UUID](rate, time.Now, store, string(kind))
	}

	return b
}

// unlessUnlimited returns a fixed rate, or no limit if the setting beside it says 0.
func unlessUnlimited(setting, fixed limit.Rate) limit.Rate {
	if setting.Burst == 0 {
		return limit.Rate{}
	}
	return fixed
}

// spend takes the cost of a route from the viewer's bucket. A page also waits for one of the
// viewer's slots, and holds it until it is answered.
func (s *Server) spend(c *fiber.Ctx, b budget, v viewer) error {
	if b.Kind == "" {
		return nil
	}

	key := v.Person.ID
	if b.Kind == endings {
		key = v.ID
	}
	if err := s.budgets.buckets[b.Kind].TakeN(c.UserContext(), key, b.Cost); err != nil {
		return tooMuch(err)
	}
	if b.Kind != pageReads {
		return nil
	}

	ctx, cancel := context.WithTimeout(c.UserContext(), readTimeout)
	defer cancel()
	if s.budgets.reading.Acquire(ctx, key, 1) != nil {
		return tooMuch(&limit.Exceeded{RetryAfter: readTimeout})
	}
	c.Locals(localReading, key)
	return nil
}

// endReading releases the slot of a page that is answered, compression included.
func (s *Server) endReading(value any) {
	if person, ok := value.(uuid.UUID); ok {
		s.budgets.reading.Release(person, 1)
	}
}

// tooMuch turns a limit.Exceeded error into one for people.
func tooMuch(err error) error {
	var exceeded *limit.Exceeded
	if !errors.As(err, &exceeded) {
		return err
	}

	after := max(exceeded.RetryAfter.Round(time.Second), time.Second)
	unit := "seconds"
	if after == time.Second {
		unit = "second"
	}
	return &chat.Error{
		Kind:       chat.KindTooFast,
		RetryAfter: after,
		Detail:     fmt.Sprintf("That was a lot at once. Nothing is lost; try again in %d %s.", int(after.Seconds()), unit),
	}
}
