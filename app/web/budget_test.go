package web

import (
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"parley/app/chat"
	"parley/app/limit"
	"parley/app/limit/limittest"
)

// TestEveryRouteHasABudget: a new route needs a budget, or a reason why it has none.
func TestEveryRouteHasABudget(t *testing.T) {
	buckets := newBudgets(Options{}).buckets
	for _, r := range (&Server{}).routes() {
		b, name := r.Budget, r.Method+" "+r.Path
		switch {
		case b.Kind == "" && b.Reason == "":
			t.Errorf("%s has neither a budget nor a reason", name)
		case b.Kind != "" && (buckets[b.Kind] == nil || b.Cost < 1):
			t.Errorf("%s has the unknown budget %+v", name, b)
		case b.Kind != "" && r.Auth != session && r.Auth != confirmed:
			t.Errorf("%s has a budget per person and admits people without a session", name)
		case r.Method == post && b == cheap:
			t.Errorf("%s changes something, which is not free", name)
		}
	}
}

// budgetServer returns a server with budgets, and a function that spends one for a person.
func budgetServer(store limit.Store) (*Server, func(b budget, person uuid.UUID) (*fiber.Ctx, error)) {
	s := &Server{app: fiber.New()}
	s.budgets = newBudgets(Options{
		RateLimits: store,
		ChangeRate: limit.Rate{Burst: 20, PerSecond: 0.001},
		UploadRate: limit.Rate{Burst: 5, PerSecond: 0.001},
		ReadRate:   limit.Rate{Burst: 40, PerSecond: 0.001},
	})
	return s, func(b budget, person uuid.UUID) (*fiber.Ctx, error) {
		c := s.app.AcquireCtx(&fasthttp.RequestCtx{})
		return c, s.spend(c, b, viewer{chat.Session{ID: uuid.New(), Person: chat.Person{ID: person}}})
	}
}

func TestBudgets(t *testing.T) {
	store := limittest.NewStore(time.Now)
	_, one := budgetServer(store)
	_, two := budgetServer(store)
	for what, test := range map[string]struct {
		budget budget
		want   int // requests of one person, at two replicas
		slack  int // tokens that a replica may hold in advance
	}{
		"changes": {changes, 20, 4},
		"uploads": {upload, 5, 2},
		"checks":  {count, 4, 0}, // two at each replica
	} {
		ada, admitted := uuid.New(), 0
		for i := range 3 * test.want {
			spend := one
			if i%2 == 1 {
				spend = two
			}
			_, err := spend(test.budget, ada)
			switch {
			case err == nil:
				admitted++
			case chat.KindOf(err) != chat.KindTooFast:
				t.Errorf("%s: %v", what, err)
			}
		}
		if admitted > test.want || admitted < test.want-test.slack {
			t.Errorf("%s: %d were admitted, want %d", what, admitted, test.want)
		}
	}
}

// TestPlacesOfReaders: a third page of a person waits, and keeps nobody else out.
func TestPlacesOfReaders(t *testing.T) {
	s, spend := budgetServer(nil)
	ada := uuid.New()
	first, err := spend(page, ada)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := spend(page, ada); err != nil {
		t.Fatal(err)
	}

	third := make(chan error, 1)
	go func() {
		_, err := spend(page, ada)
		third <- err
	}()

	for range 3 {
		c, err := spend(page, uuid.New())
		if err != nil {
			t.Fatal(err)
		}
		s.endReading(c.Locals(localReading))
	}

	select {
	case err := <-third:
		t.Fatalf("a third page was admitted: %v", err)
	default:
	}
	s.endReading(first.Locals(localReading))
	if err := <-third; err != nil {
		t.Error(err)
	}
}
