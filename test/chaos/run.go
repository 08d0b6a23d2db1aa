package chaos

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Round is what came of one fault.
type Round struct {
	Fault string
	Answers
	Found []Finding
	Err   error // what couldn't be done, or never came to be
}

// Script says how a round goes.
type Script struct {
	Before  int           // messages acknowledged before anything happens
	Hold    time.Duration // how long the fault lasts
	Least   int           // messages acknowledged in the round
	Stored  time.Duration // how long the writers get to store everything, once people are silent
	Screens time.Duration // how long screens get then to become what is stored
}

// Rounds has a crowd talk through one fault after the other. What it finds it finds once.
type Rounds struct {
	Script
	crowd *Workload
	n     int
	known map[Finding]bool
}

// NewRounds begins with the crowd's first.
func NewRounds(c *Workload, s Script) *Rounds {
	return &Rounds{Script: s, crowd: c, known: map[Finding]bool{}}
}

// Run is one round: people talk, the fault comes and goes, they talk on until each has been heard, and fall silent; then everything is compared.
func (r *Rounds) Run(ctx context.Context, f Fault) Round {
	r.n++
	c := r.crowd
	c.world.choose()
	c.History.Round(r.n)
	c.Talk()
	err := c.Acknowledged(ctx, r.Before)
	if err == nil {
		err = r.hurt(ctx, f)
	}
	err = errors.Join(err, c.Recovered(ctx), c.Acknowledged(ctx, r.Least))
	c.Quiet()
	result := Round{Fault: f.Name, Answers: c.History.Answers()}
	evidence, gathered := c.Gather(ctx, r.Stored, r.Screens)
	result.Err = errors.Join(err, gathered)
	for _, found := range Check(evidence) {
		if !r.known[found] {
			r.known[found] = true
			result.Found = append(result.Found, found)
		}
	}
	return result
}

func (r *Rounds) hurt(ctx context.Context, f Fault) error {
	if f.Inject == nil {
		return nil
	}
	err := f.Inject(ctx, r.crowd.world)
	select {
	case <-time.After(r.Hold): // it lasts
	case <-ctx.Done():
	}
	if f.Recover != nil { // whatever became of it
		err = errors.Join(err, f.Recover(ctx, r.crowd.world))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	return nil
}

// Of are the findings of one kind.
func (r Round) Of(k Kind) (list []Finding) {
	for _, f := range r.Found {
		if f.Kind == k {
			list = append(list, f)
		}
	}
	return list
}
