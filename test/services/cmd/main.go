// Command cmd runs a command beside a real PostgreSQL, redis-server and Apache
// Kafka:
//
//	go run ./test/services/cmd go test ./...
//
// The command finds them by PARLEY_TEST_DATABASE_URL, PARLEY_TEST_REDIS_URL and
// PARLEY_TEST_KAFKA_BROKERS. With --setup it only installs the missing
// requirements; with --print it prints the three settings and runs until it is
// interrupted.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"parley/test/services"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:])
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		os.Exit(max(exit.ExitCode(), 1))
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("usage: cmd [--setup | --print | COMMAND ARGS…]")
	}
	if args[0] == "--setup" {
		return services.Setup(ctx)
	}
	if err := services.CheckPrograms(); err != nil {
		return err
	}

	dir, err := os.MkdirTemp("", "parley-services-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // as root, PostgreSQL runs as another user
		return err
	}

	set, err := services.Start(ctx, dir)
	if err != nil {
		return fmt.Errorf("%v", err) // not wrapped: main exits silently with a wrapped exit code
	}
	defer set.Stop()

	env := []string{
		"PARLEY_TEST_DATABASE_URL=" + set.Postgres.URL,
		"PARLEY_TEST_REDIS_URL=" + set.Redis.URL,
		"PARLEY_TEST_KAFKA_BROKERS=" + set.Kafka.URL,
	}

	if args[0] == "--print" {
		for _, e := range env {
			fmt.Println("export", e)
		}
		<-ctx.Done()
		return nil
	}

	cmd := exec.Command(args[0], args[1:]...) // without ctx, because the terminal interrupts the command too
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}
