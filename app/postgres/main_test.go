package postgres_test

import (
	"fmt"
	"os"
	"testing"
)

// TestMain runs the test binary as a writer process that TestStress can kill, if
// PARLEY_WRITER_JOB names a job.
func TestMain(m *testing.M) {
	job := os.Getenv("PARLEY_WRITER_JOB")
	if job == "" {
		os.Exit(m.Run())
	}
	if err := runWriter(job); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
