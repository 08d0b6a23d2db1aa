// Command settings writes docs/settings.md from the table of all settings.
package main

import (
	"fmt"

	"parley/app/config"
)

func main() {
	fmt.Print(`# Settings

Settings are environment variables. An empty variable is the same as an unset one. An invalid or contradictory
setting, or a name that is nearly one of these, ends the start with an error that names the correction. ` + "`parley check`" + `
checks all settings and the dependencies that they name. ` + "`parley --help`" + ` prints this table too.

A setting that may hold a secret has a second name with ` + "`_FILE`" + `: the path of a file that has the value, alone on one
line, as Docker and Kubernetes mount secrets. Spaces and the end of the line are removed. Setting both names is an error.

` + config.Markdown() + `
Traces have OpenTelemetry's own settings: [observe.md](observe.md).
`)
}
