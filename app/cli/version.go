package cli

import (
	"context"
	"fmt"

	"parley/app/buildinfo"
)

var versionCommand = command{
	name:        "version",
	summary:     "print the version, the commit and the Go release of this build",
	usage:       `parley version     print the version, the commit and the Go release of this build`,
	anySettings: true,
	writes:      writesNothing,
	setup:       plain(printVersion),
}

func printVersion(_ context.Context, in invocation) error {
	b := buildinfo.Read()
	line := "parley " + b.Version
	if b.Commit != "" {
		line += ", commit " + b.Commit
	}
	if b.Modified {
		line += ", changed since"
	}
	if b.Go != "" {
		line += ", " + b.Go
	}

	_, err := fmt.Fprintln(in.out, line)
	return err
}
