package kafka

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"parley/test/wait"
)

func ofInstallation(o Options, id string) Options {
	o.Installation = func() string { return id }
	return o
}

// TestALogOfAnotherInstallationIsRefused: before the first message, after a commit, after a
// rewind, and when only the records name the installation.
func TestALogOfAnotherInstallationIsRefused(t *testing.T) {
	t.Parallel()
	ours := ofInstallation(newLog(t), "ours")
	theirs := ofInstallation(ours, "theirs")
	refused := func(when string) {
		t.Helper()
		var foreign *ForeignLogError
		if err := Claim(ctx, theirs); !errors.As(err, &foreign) || foreign.Other != "ours" {
			t.Errorf("%s: %v", when, err)
		}
		if err := Claim(ctx, ours); err != nil {
			t.Errorf("%s, its own installation: %v", when, err)
		}
		if _, err := Check(ctx, theirs); err == nil || strings.Count(err.Error(), "KAFKA_PREFIX") != 1 {
			t.Errorf("%s, the check says %v", when, err)
		}
	}
	p, s := newProducer(t, ours), &memoryStore{} // the leaders answer now
	if err := Claim(ctx, ours); err != nil {
		t.Fatal(err)
	}
	refused("before the first message")

	mustAppend(t, p, message(uuid.New(), "hello"))
	stop := runWriter(t, ours, s, p)
	waitCommitted(t, ours, 1)
	refused("while a writer runs")
	stop()
	if _, err := Rewind(ctx, ours, RewindTo{}); err != nil {
		t.Fatal(err)
	}
	refused("after a rewind")

	theirs.Group += "-2"
	ours.Group = theirs.Group
	if err := Claim(ctx, theirs); err == nil {
		t.Error("a topic whose records name another installation was claimed")
	}
}

// TestARecordOfAnotherInstallationIsNotStored, even if both run.
func TestARecordOfAnotherInstallationIsNotStored(t *testing.T) {
	t.Parallel()
	ours := ofInstallation(newLog(t), "ours")
	theirs := newProducer(t, ofInstallation(ours, "theirs"))
	mustAppend(t, theirs, message(uuid.New(), "for another database"))

	p, s := newProducer(t, ours), &memoryStore{}
	w := watchBacklog(t, ours)
	runWriter(t, ours, s, p)
	wait.Until(t, "the partition is paused", func() bool {
		_, paused := w.oldest()
		return strings.Contains(paused, "KAFKA_PREFIX")
	})
	if len(s.bodies) != 0 {
		t.Errorf("stored: %q", s.bodies)
	}
	if list := deadLetters(t, ours); len(list) != 0 {
		t.Errorf("dead letters: %+v", list)
	}
}
