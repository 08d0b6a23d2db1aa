// Command parley is a chat application that runs as any number of identical
// replicas.
package main

import (
	"os"

	"parley/app/cli"
)

func main() { os.Exit(cli.Main()) }
