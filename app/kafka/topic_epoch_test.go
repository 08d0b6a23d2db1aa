package kafka

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

func TestTopicWatcher(t *testing.T) {
	t.Parallel()
	down := errors.New("no broker answers")
	recreated, reappeared := errTopicRecreated, errTopicReappeared
	type description struct {
		id  string
		err error
	}
	for name, c := range map[string]struct {
		missing      bool // the consumer reports the topic as missing
		descriptions []description
		want         error
	}{
		"same id":                     {false, []description{{"a", nil}, {"", down}, {"a", nil}}, nil},
		"other id":                    {false, []description{{"a", nil}, {"b", nil}}, recreated},
		"missing, then other id":      {false, []description{{"a", nil}, {"", nil}, {"", down}, {"b", nil}}, recreated},
		"missing, then same id":       {false, []description{{"a", nil}, {"", nil}, {"a", nil}}, reappeared},
		"reported missing, same id":   {true, []description{{"a", nil}, {"a", nil}}, reappeared},
		"missing at first":            {false, []description{{"", nil}, {"a", nil}}, reappeared},
		"reported missing, no answer": {true, []description{{"", down}, {"", down}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newTopicWatcher()
				if c.missing {
					w.reportMissing()
					w.reportMissing() // must not block
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				n := 0
				err := w.watch(ctx, func(context.Context) (string, error) {
					if n == len(c.descriptions) {
						cancel()
						return "", context.Canceled
					}
					n++
					return c.descriptions[n-1].id, c.descriptions[n-1].err
				})
				if err != c.want || w.recreatedAt.IsZero() == (c.want == errTopicRecreated) {
					t.Errorf("%v after %d descriptions; recreated at %v", err, n, w.recreatedAt)
				}
			})
		})
	}
}
