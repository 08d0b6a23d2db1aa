package chaos

import (
	"context"
	"errors"
	"time"

	"parley/app/drill/verify"
)

// Round is the result of one fault.
type Round struct {
	Fault string
	verify.Answers
	Found []Finding
	Err   error // a step that failed, or a wait that timed out
}

// Script configures the rounds.
type Script struct {
	Before  int           // messages acknowledged before the fault
	Hold    time.Duration // how long the fault lasts
	Least   int           // messages acknowledged in the round
	Stored  time.Duration // how long the writers have to store everything, once people pause
	Screens time.Duration // how long screens then have to show what is stored
}

// Rounds runs a workload through one fault after the other. It reports each
// finding once.
type Rounds struct {
	Script

	workload *Workload
	n        int
	known    verify.Known
}

// NewRounds returns rounds of which none has run.
func NewRounds(w *Workload, s Script) *Rounds {
	return &Rounds{Script: s, workload: w, known: verify.Known{}}
}

// Run runs one round: people write, the fault is injected and recovered from,
// people write until each can send again, and pause. Then everything is
// compared.
func (r *Rounds) Run(ctx context.Context, f Fault) Round {
	r.n++
	w := r.workload
	w.cluster.chooseVictims()
	w.History.Begin(r.n)
	w.Write()

	err := w.AwaitAcknowledged(ctx, r.Before)
	if err == nil {
		err = f.on(w.cluster).Run(ctx, r.Hold)
	}

	err = errors.Join(err, w.AwaitRecovery(ctx), w.AwaitAcknowledged(ctx, r.Least))
	w.Pause()

	result := Round{Fault: f.Name, Answers: w.History.Answers()}
	evidence, gathered := w.Gather(ctx, r.Stored, r.Screens)
	result.Err = errors.Join(err, gathered)
	result.Found = r.known.New(Check(evidence))
	r.known.Add(result.Found)
	return result
}

// Of returns the findings of one kind.
func (r Round) Of(k Kind) (list []Finding) {
	for _, f := range r.Found {
		if f.Kind == k {
			list = append(list, f)
		}
	}

	return list
}
