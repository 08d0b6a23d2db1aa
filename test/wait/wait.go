// Package wait lets a test wait for a condition, so that no test sleeps or
// asserts a duration.
package wait

import (
	"testing"
	"time"
)

// Timeout is how long Until waits. It only bounds a test that fails. It is long, because a
// machine that runs every suite side by side can be ten times slower than an idle one.
const Timeout = time.Minute

const pollInterval = 5 * time.Millisecond

// Log is Until, and logs how long it took, for docs/measurements.
func Log(t testing.TB, what string, ok func() bool) {
	t.Helper()

	begin := time.Now()
	Until(t, what, ok)
	t.Logf("%s after %d ms", what, time.Since(begin).Milliseconds())
}

// Until returns when ok returns true, and fails the test with the description
// of the condition if that takes longer than Timeout.
func Until(t testing.TB, what string, ok func() bool) {
	t.Helper()

	for deadline := time.Now().Add(Timeout); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("timed out waiting for: %s", what)
		}

		<-time.After(pollInterval)
	}
}
