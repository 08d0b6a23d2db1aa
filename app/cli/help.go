package cli

import (
	"fmt"
	"io"
	"text/tabwriter"

	"parley/app/config"
)

// help tells the commands and the settings.
func help(w io.Writer) error {
	fmt.Fprint(w, `Parley: a chat that runs as any number of identical replicas.

  parley               serve; what isn't set below is embedded; --show-text: the operators' pages show what people wrote
  parley --role R      serve as web, as writer, or as both (web,writer); ROLES says it too
  parley check         look at the settings and at every part that they name, and say what is wrong; exit code 1 if something is
  parley migrate       bring the database of DATABASE_URL up to date
  parley seed          fill it with people and conversations to try (embedded too)
  parley dead-letters  list, show, replay or discard what could not be stored
  parley trace ID      where a message has been: accepted, logged, published, delivered, stored, read
  parley rewind T      after a restore: the writer reads the log again from this time on (or: earliest)
  parley partitions N  give the log more partitions, while all replicas are stopped
  parley drill         kill and stall each part of an installation of its own, and count what is lost
  parley healthy       exit code 0 if the replica of these settings lives; a container's health check
  parley version       which Parley this is
  parley --help        this

Settings, from the environment:

`)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range config.Settings {
		fmt.Fprintf(table, "  %s\t%s\t%s\n", s.Name, s.Default, s.Meaning)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprint(w, `
Traces go where OpenTelemetry's own settings say (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_SAMPLER and so on); without them there are none.
`)
	return err
}
