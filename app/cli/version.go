package cli

import (
	"fmt"
	"io"
	"runtime/debug"
)

// version tells which Parley this is: the module's version where it was installed by one, else the commit that it was built from.
func version(out io.Writer) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		_, err := fmt.Fprintln(out, "parley, built without a record of what from")
		return err
	}
	commit, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = ", commit " + s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = ", changed since"
		}
	}
	_, err := fmt.Fprintf(out, "parley %s%s%s, %s\n", info.Main.Version, commit, changed, info.GoVersion)
	return err
}
