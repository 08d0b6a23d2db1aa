package cli

import (
	"context"
	"time"

	"parley/app/devservices"
)

// servicesCommand is the process that package devservices starts beside a replica.
// People don't call it, so the overview omits it.
var servicesCommand = command{
	name: "services",
	usage: `parley services     run the embedded services of DATA_DIR while a replica uses them

Replicas start this command by themselves.`,
	writes: writesNothing,
	setup: plain(func(ctx context.Context, in invocation) error {
		return devservices.RunChild(ctx, in.cfg.DataDir, time.Duration(in.cfg.ServicesLinger)*time.Second)
	}),
}
