// Command settings writes docs/settings.md from the table of all settings.
package main

import (
	"fmt"

	"parley/app/config"
)

func main() {
	fmt.Print(`# Settings

All come from the environment; an empty one is as good as none. A bad or contradictory one, and a name that is nearly one of these, ends the start with what to write
instead; ` + "`parley check`" + ` tries them all, and the dependencies that they name. ` + "`parley --help`" + ` prints this table too.

` + config.Markdown() + `
Traces go where OpenTelemetry's own settings say: [observe.md](observe.md).
`)
}
