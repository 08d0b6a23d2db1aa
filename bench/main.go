// Command bench loads and measures Parley. Each figure stands beside its floor,
// measured in the same run: machines are small and noisy, so that only ratios
// within one run mean anything.
//
//	go run ./bench streams | sends | overload | writer | page | readers | outage | restart | pictures | all
//
// It starts one replica on real services of this machine. sends, overload and
// page speak HTTP only, so that -target may name a running Parley instead (with
// the development sign-in, and LIMIT_*=0).
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

// benchmarks lists the programs by their names.
var benchmarks = map[string]func(context.Context, *installation) error{
	"streams":  streams,
	"sends":    sends,
	"overload": overload,
	"writer":   writer,
	"page":     page,
	"readers":  readers,
	"outage":   outage,
	"restart":  restart,
	"pictures": pictures,
}

func main() {
	target := flag.String("target", "", "a running Parley, such as http://127.0.0.1:8000; none: one is started")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr,
			"usage: bench [-target URL] streams | sends | overload | writer | page | readers | outage | restart | pictures | all")
		flag.PrintDefaults()
	}

	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, flag.Arg(0), *target); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, name, target string) error {
	names := []string{name}
	if name == "" || name == "all" {
		names = []string{"page", "sends", "overload", "writer", "streams"}
	}

	for _, name := range names {
		benchmark, ok := benchmarks[name]
		if !ok {
			flag.Usage()
			return fmt.Errorf("there is no benchmark %q", name)
		}
		in, err := install(ctx, target)
		if err != nil {
			return err
		}
		fmt.Printf("\n%s\n", name)
		err = benchmark(ctx, in)
		in.remove()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
