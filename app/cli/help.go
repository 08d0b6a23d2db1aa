package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"parley/app/config"
)

const helpUsage = `parley help [COMMAND]     print the overview of commands and settings, or the help of one command`

// helpCommand is a function because its action reads the command table.
func helpCommand() command {
	return command{
		name:        "help",
		operand:     "COMMAND",
		summary:     "describe a command and its flags (also parley COMMAND --help); without COMMAND: this overview",
		usage:       helpUsage,
		maxArgs:     1,
		anySettings: true,
		writes:      writesNothing,
		setup:       plain(help),
	}
}

func help(_ context.Context, in invocation) error {
	if len(in.args) == 0 {
		return printOverview(in.out)
	}
	c, err := commandNamed(in.args[0])
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(in.out, c.usage)
	return err
}

// printOverview lists the commands and the settings.
func printOverview(w io.Writer) error {
	fmt.Fprint(w, `Parley: a chat that runs as any number of identical replicas.

  parley               run a replica; dependencies that no setting names are embedded
                       --show-text: the operators' pages show the text of messages
  parley --role R      run it as web, as writer, or as both (web,writer), like the setting ROLES
`)
	for _, c := range commands() {
		if c.summary != "" {
			fmt.Fprintf(w, "  parley %-13s %s\n", strings.TrimSpace(c.name+" "+c.operand), c.summary)
		}
	}

	fmt.Fprint(w, `
Settings, from the environment:

`)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range config.Settings() {
		fmt.Fprintf(table, "  %s\t%s\t%s\n", s.Name, s.Default, s.Meaning)
	}
	if err := table.Flush(); err != nil {
		return err
	}

	_, err := fmt.Fprint(w, `
OpenTelemetry's own settings configure traces (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_SAMPLER and
so on); without them, traces are off.
`)
	return err
}
