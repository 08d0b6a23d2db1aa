package cli

import (
	"context"
	"flag"
	"io"
	"os"
	"strings"
	"testing"

	"parley/app/config"
)

// run is runWith without notes.
func run(ctx context.Context, args []string, out io.Writer) error {
	return runWith(ctx, args, out, io.Discard)
}

// TestHelpNeverActs runs every command with --help, alone and after an argument,
// and expects its usage and nothing else.
func TestHelpNeverActs(t *testing.T) {
	for _, c := range commands() {
		for _, args := range [][]string{
			{c.name, "--help"},
			{c.name, "-h"},
			{c.name, "12", "--help"},
			{"help", c.name},
		} {
			var out strings.Builder
			if err := run(t.Context(), args, &out); err != nil || out.String() != c.usage+"\n" {
				t.Errorf("%q: %v, printed %q", args, err, out.String())
			}
		}
	}
}

// TestHelpAndVersionHaveTheirUsualFlags on the program itself.
func TestHelpAndVersionHaveTheirUsualFlags(t *testing.T) {
	for line, want := range map[string]string{
		"--version":   "parley ",
		"-v":          "parley ",
		"-h":          "Settings, from the environment",
		"--help":      "Settings, from the environment",
		"--help seed": seedUsage,
		"-h migrate":  "parley migrate ",
	} {
		var out strings.Builder
		if err := run(t.Context(), strings.Fields(line), &out); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%s: %v, printed %q, want %q", line, err, out.String(), want)
		}
	}
}

// TestCommandsStateWhereTheyWrite never prints a password. One command is run, against
// a database that doesn't answer: the statement comes before the attempt.
func TestCommandsStateWhereTheyWrite(t *testing.T) {
	t.Setenv("DATABASE_URL", "postgres://owner:secret@127.0.0.1:1/chat?sslmode=disable")
	t.Setenv("REDIS_URL", "redis://:secret@127.0.0.1:2/3")
	t.Setenv("KAFKA_BROKERS", "127.0.0.1:3")
	cfg, err := config.Load(os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}

	for line, want := range map[string]string{
		"migrate":         "parley migrate writes to PostgreSQL at 127.0.0.1:1/chat\n",
		"seed":            "parley seed writes to PostgreSQL at 127.0.0.1:1/chat\n",
		"rewind earliest": "parley rewind writes to Kafka at 127.0.0.1:3\n",
		"partitions 6": "parley partitions writes to Kafka at 127.0.0.1:3\n" +
			"parley partitions writes to Redis at 127.0.0.1:2/3\n",
		"dead-letters replay 0-0":  "parley dead-letters writes to Kafka at 127.0.0.1:3\n",
		"dead-letters discard 0-0": "parley dead-letters writes to Kafka at 127.0.0.1:3\n",
		"dead-letters bury 1 4711": "parley dead-letters writes to Kafka at 127.0.0.1:3\n",
		"dead-letters list":        "",
		"trace 1":                  "",
		"check":                    "",
		"version":                  "",
	} {
		args := strings.Fields(line)
		c, err := commandNamed(args[0])
		if err != nil {
			t.Fatal(err)
		}
		var notes strings.Builder
		if c.announce(&notes, cfg, args[1:]); notes.String() != want {
			t.Errorf("parley %s: %q, want %q", line, notes.String(), want)
		}
	}

	var notes strings.Builder
	err = runWith(t.Context(), []string{"migrate"}, io.Discard, &notes)
	if err == nil || !strings.HasPrefix(notes.String(), "parley migrate writes to ") {
		t.Errorf("parley migrate: %v, notes %q", err, notes.String())
	}

	line := "msg=audit pkg=audit action=run-command result=failed operator="
	if !strings.Contains(notes.String(), line) || !strings.Contains(notes.String(), "target=migrate error=") ||
		strings.Contains(notes.String(), "secret") {
		t.Errorf("parley migrate: notes %q, want an audit line", notes.String())
	}
}

func TestUsageNamesTheCommandAndItsFlags(t *testing.T) {
	for _, c := range commands() {
		flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
		c.setup(flags)
		if !strings.HasPrefix(c.usage, "parley ") || !strings.Contains(c.usage, c.name) {
			t.Errorf("the usage of %s begins otherwise: %q", c.name, c.usage)
		}
		flags.VisitAll(func(f *flag.Flag) {
			if !strings.Contains(c.usage, "--"+f.Name) {
				t.Errorf("the usage of %s omits --%s", c.name, f.Name)
			}
		})
	}
}

func TestWrongArgumentsAreRefused(t *testing.T) {
	for _, c := range commands() {
		superfluous := append([]string{c.name}, strings.Fields(strings.Repeat("12 ", c.maxArgs+1))...)
		refused(t, superfluous, c.usage)
		refused(t, []string{c.name, "--nonsense"}, c.usage)
		if c.minArgs > 0 {
			refused(t, []string{c.name}, c.usage)
		}
	}

	for line, want := range map[string]string{
		"serve --show-txt":              "--show-text",
		"--show-text more":              `unexpected argument "more"`,
		"--role web drill":              `unexpected argument "drill"`,
		"--role web serve more":         "unexpected argument",
		"--role":                        "needs an argument",
		"--role=":                       "parley --role web",
		"--role web --role web":         "parley --role web",
		"partitions many":               "whole number from 1 to 10000",
		"partitions 10001":              "whole number from 1 to 10000",
		"rewind yesterday":              "write 2026-11-24T06:00:00Z, or earliest",
		"drill --for 2h":                "from 0s to 1h",
		"drill --for soon":              "invalid value",
		"trace nonsense":                `"nonsense" is no message's id`,
		"trace --json":                  "an argument is missing",
		"dead-letters burn 0-0":         "write list, show, replay, discard or bury",
		"dead-letters show":             "1 are needed",
		"dead-letters show 0-0 1":       "1 are needed",
		"dead-letters list 0-0":         "0 are needed",
		"dead-letters replay --":        "1 are needed",
		"dead-letters replay --all 0-0": "0 are needed",
		"dead-letters bury 1":           "2 are needed",
		"dead-letters bury 1 x":         "such as 1 4711",
		"dead-letters bury -- -1 4":     "such as 1 4711",
		"help nonsense":                 "there is no command",
		"nonsense":                      "there is no command \"nonsense\": see parley --help",
		"migrat":                        "did you mean parley migrate?",
		"dead-leters list":              "did you mean parley dead-letters?",
		"service":                       "did you mean parley serve?",
		"--verbose":                     "-verbose",
		"--version more":                `unexpected argument "more"`,
		"-h nonsense":                   "there is no command",
		"seed now":                      `unexpected argument "now"`,
	} {
		refused(t, strings.Fields(line), want)
	}
}

func refused(t *testing.T, args []string, want string) {
	t.Helper()
	var out strings.Builder
	err := run(t.Context(), args, &out)
	if err == nil || exitCode(err) != exitUsage || !strings.Contains(err.Error(), want) || out.Len() > 0 {
		t.Errorf("%q: %v, want exit code %d and %q; printed %q", args, err, exitUsage, want, out.String())
	}
}

func TestOverviewListsCommandsAndSettings(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"-h"}, {"help"}} {
		var out strings.Builder
		if err := run(t.Context(), args, &out); err != nil {
			t.Fatal(err)
		}
		for _, c := range commands() {
			if strings.Contains(out.String(), "\n  parley "+c.name+" ") != (c.summary != "") {
				t.Errorf("%q: the overview and the summary of %s differ", args, c.name)
			}
		}
		if !strings.Contains(out.String(), "DATABASE_URL") {
			t.Errorf("%q: the overview lists no settings", args)
		}
	}
}

// TestHelpAndVersionAcceptWrongSettings because they don't use them.
func TestHelpAndVersionAcceptWrongSettings(t *testing.T) {
	t.Setenv("PORT", "eighty")
	for _, line := range []string{"help", "version", "serve --help"} {
		var out strings.Builder
		if err := run(context.Background(), strings.Fields(line), &out); err != nil || out.Len() == 0 {
			t.Errorf("%s: %v", line, err)
		}
	}
	if err := run(context.Background(), []string{"healthy"}, new(strings.Builder)); err == nil || exitCode(err) != 1 {
		t.Errorf("a wrong setting is accepted: %v", err)
	}
}
