// Package cli is the command line of the parley program. Each command has a file;
// commands.go lists them.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"parley/app/config"
)

// Main runs the command that the process's arguments name, until it ends or a
// signal interrupts it, and returns the exit code.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := runWith(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		printError(os.Stderr, os.Args[1:], err)
		return exitCode(err)
	}
	return 0
}

// invocation is one run of a command: its arguments, without flags, and the
// settings.
type invocation struct {
	args        []string
	cfg         config.Config
	settingsErr error // nil unless the command accepts wrong settings
	out         io.Writer
	notes       io.Writer // for people beside the output, which programs may read
	usage       string
}

// misuse is the error of a wrong argument. It has the exit code 2 and ends with
// the command's usage.
func (in invocation) misuse(format string, args ...any) error {
	return misuse(in.usage, format, args...)
}

// runWith executes the command that args name.
func runWith(ctx context.Context, args []string, out, notes io.Writer) error {
	c, args, err := findCommand(args)
	if err != nil {
		return err
	}

	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	action := c.setup(flags)
	words, err := parse(flags, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		_, err := fmt.Fprintln(out, c.usage)
		return err
	case err != nil:
		return misuse(c.usage, "%s: %w", c.name, err)
	case c.name == "serve" && len(words) == 1 && words[0] == "serve": // parley --role web serve
		words = nil
	}

	switch {
	case len(words) > c.maxArgs:
		return misuse(c.usage, "%s: unexpected argument %q", c.name, words[c.maxArgs])
	case len(words) < c.minArgs:
		return misuse(c.usage, "%s: an argument is missing", c.name)
	}

	cfg, err := config.Load(withRole(os.LookupEnv, flags))
	err = errors.Join(config.Misspelt(os.Environ()), err)
	if err != nil && !c.anySettings {
		return err
	}

	c.announce(notes, cfg, words)
	err = action(ctx, invocation{
		args:        words,
		cfg:         cfg,
		settingsErr: err,
		out:         out,
		notes:       notes,
		usage:       c.usage,
	})
	c.audit(ctx, notes, cfg, words, err)
	return err
}

// findCommand returns the command and its arguments. Arguments that begin with a
// flag are those of serve.
func findCommand(args []string) (command, []string, error) {
	name := "serve"
	switch {
	case len(args) == 0:
	case slices.Contains([]string{"--help", "-help", "-h"}, args[0]):
		name, args = "help", args[1:]
	case slices.Contains([]string{"--version", "-version", "-v"}, args[0]):
		name, args = "version", args[1:]
	case !strings.HasPrefix(args[0], "-"):
		name, args = args[0], args[1:]
	}
	c, err := commandNamed(name)
	return c, args, err
}

// parse reads flags before, between and after the other arguments, which it
// returns.
func parse(flags *flag.FlagSet, args []string) (words []string, err error) {
	for err = flags.Parse(args); err == nil && flags.NArg() > 0; err = flags.Parse(flags.Args()[1:]) {
		words = append(words, flags.Arg(0))
	}
	return words, err
}
