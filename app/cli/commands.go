package cli

import (
	"context"
	"flag"

	"parley/app/config"
)

// command is a row of the command table.
type command struct {
	name    string
	operand string // how the overview names the arguments
	summary string // a line of the overview; "": the overview omits the command
	usage   string // printed by --help, and after a wrong flag or argument
	minArgs int
	maxArgs int
	setup   func(*flag.FlagSet) action // defines the flags

	// writes returns the dependencies that the command changes with these arguments.
	// run states their addresses before it runs the command.
	writes func(args []string) []dependency

	anySettings bool // the command runs even if a setting is wrong
}

// action runs a command after its flags were read.
type action func(context.Context, invocation) error

// plain is the setup of a command without flags.
func plain(a action) func(*flag.FlagSet) action {
	return func(*flag.FlagSet) action { return a }
}

// commands is the command table, in the order of the overview.
func commands() []command {
	return []command{
		serveCommand,
		checkCommand,
		migrateCommand,
		seedCommand,
		deadLettersCommand,
		traceCommand,
		rewindCommand,
		partitionsCommand,
		drillCommand,
		healthcheckCommand,
		versionCommand,
		helpCommand(),
		servicesCommand,
	}
}

// commandNamed returns a command of the table. For an unknown name, the error
// suggests the nearest one.
func commandNamed(name string) (command, error) {
	const maxTypos = 2
	nearest, typos := "", maxTypos+1
	for _, c := range commands() {
		if c.name == name {
			return c, nil
		}
		if n := config.EditDistance(name, c.name); n < typos && n < len(c.name) && c.summary != "" {
			nearest, typos = c.name, n
		}
	}
	if nearest != "" {
		return command{}, exit(exitUsage, "there is no command %q; did you mean parley %s?", name, nearest)
	}

	return command{}, exit(exitUsage, "there is no command %q: see parley --help", name)
}
