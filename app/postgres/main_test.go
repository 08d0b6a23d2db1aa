package postgres_test

import (
	"fmt"
	"os"
	"testing"
)

// TestMain lets the test binary be a writer process that can be killed.
func TestMain(m *testing.M) {
	if job := os.Getenv("PARLEY_WRITER_JOB"); job != "" {
		if err := writeJob(job); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}
