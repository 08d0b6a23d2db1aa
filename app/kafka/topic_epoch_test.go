package kafka

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

func TestWhichTopicHasTheName(t *testing.T) {
	away := errors.New("the brokers don't answer")
	type answer struct {
		id  string
		err error
	}
	for name, c := range map[string]struct {
		missed  bool // by the consumer
		answers []answer
		want    error
	}{
		"always the same":            {false, []answer{{"a", nil}, {"", away}, {"a", nil}}, nil},
		"another":                    {false, []answer{{"a", nil}, {"b", nil}}, errReplaced},
		"another, seen to be away":   {false, []answer{{"a", nil}, {"", nil}, {"", away}, {"b", nil}}, errReplaced},
		"the same, seen to be away":  {false, []answer{{"a", nil}, {"", nil}, {"a", nil}}, errWasGone},
		"the same, missed":           {true, []answer{{"a", nil}, {"a", nil}}, errWasGone},
		"not there, then there":      {false, []answer{{"", nil}, {"a", nil}}, errWasGone},
		"missed, and nobody answers": {true, []answer{{"", away}, {"", away}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := newTopicWatcher()
				if c.missed {
					i.missed()
					i.missed() // nobody waits to be heard
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				n := 0
				err := i.follow(ctx, func(context.Context) (string, error) {
					if n == len(c.answers) {
						cancel()
						return "", context.Canceled
					}
					n++
					return c.answers[n-1].id, c.answers[n-1].err
				})
				if err != c.want || i.since.IsZero() == (c.want == errReplaced) {
					t.Errorf("%v after %d answers; another since %v", err, n, i.since)
				}
			})
		})
	}
}
