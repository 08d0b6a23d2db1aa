package integration

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"parley/app/config"
	"parley/app/devservices"
	"parley/app/replica"
	"parley/app/telemetry"
)

// Variables of startProcess for its processes, beside the settings.
const (
	envSuffix = "PARLEY_TEST_PROCESS" // suffix of the topics; only set in such a process
	envFiles  = "PARLEY_TEST_NOFILE"  // limit of open files
)

// parallelTests is the number of tests that run at a time, unless the flag -parallel is given. They
// wait more than they compute.
const parallelTests = "4"

// TestMain runs the tests, or one replica if startProcess started this process.
func TestMain(m *testing.M) {
	if os.Getenv(envSuffix) == "" {
		flag.Parse()
		parallelSet := false
		flag.Visit(func(f *flag.Flag) { parallelSet = parallelSet || f.Name == "test.parallel" })
		if !parallelSet {
			_ = flag.Set("test.parallel", parallelTests) // fails for no number
		}

		code := m.Run()
		sharedScope.end(code != 0, os.Stderr)
		os.Exit(code)
	}

	if err := serveProcess(); err != nil {
		fmt.Fprintln(os.Stderr, "replica:", err)
		os.Exit(1)
	}
}

// serveProcess runs a replica until its standard input is closed, which also happens
// when the test process dies.
func serveProcess() error {
	if files, err := strconv.ParseUint(os.Getenv(envFiles), 10, 64); err == nil {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: files, Max: files}); err != nil {
			return err
		}
	}

	cfg, err := config.Load(os.LookupEnv)
	if err != nil {
		return err
	}

	l, err := replica.Listen(cfg)
	if err != nil {
		return err
	}

	logger := telemetry.NewLogger(os.Stderr, cfg.LogFormat == "json", cfg.LogLevel)
	slog.SetDefault(logger)
	addresses := replica.Addresses{
		DatabaseURL:  cfg.DatabaseURL,
		RedisURL:     cfg.RedisURL,
		KafkaBrokers: cfg.KafkaBrokers,
		Suffix:       os.Getenv(envSuffix),
	}
	n, err := replica.New(cfg, addresses, replica.Options{Logger: logger})
	if err != nil {
		return err
	}

	ctx, stop := context.WithCancel(context.Background())
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); stop() }()
	return n.Run(ctx, l, func() { os.NewFile(3, "ready").Close() })
}

// process is a replica in a process of its own.
type process struct {
	*instance
	cmd   *exec.Cmd
	stdin io.Closer
	log   string
	ended bool
}

// startProcess runs a replica in a process of its own until the test ends, and
// returns when the replica is ready.
func startProcess(t *testing.T, addresses replica.Addresses, settings ...string) *process {
	t.Helper()
	port := freePort(t)
	p := &process{
		instance: &instance{t: t, base: "http://127.0.0.1:" + port, addresses: addresses},
		log:      filepath.Join(t.TempDir(), "replica.log"),
	}
	out, err := os.Create(p.log)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	readyReader, ready, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer readyReader.Close()

	environmentLock.Lock()
	environ := os.Environ()
	environmentLock.Unlock()
	p.cmd = exec.Command(os.Args[0])
	p.cmd.Env = append(environ,
		envSuffix+"="+addresses.Suffix,
		"PORT="+port,
		"DEV_SIGNIN=true",
		"LIMIT_SIGNINS=0",
		"LIMIT_MESSAGES=0",
		"LIMIT_CONVERSATION=0",
		"LIMIT_CHANGES=0",
		"LIMIT_READS=0",
		"DATABASE_URL="+addresses.DatabaseURL,
		"REDIS_URL="+addresses.RedisURL,
		"KAFKA_BROKERS="+addresses.KafkaBrokers,
	)
	for i := 0; i < len(settings); i += 2 {
		p.cmd.Env = append(p.cmd.Env, settings[i]+"="+settings[i+1])
	}

	p.cmd.Stdout, p.cmd.Stderr, p.cmd.ExtraFiles = out, out, []*os.File{ready}
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	must(t, p.cmd.Start())

	t.Cleanup(p.stop)
	ready.Close()
	_, _ = io.Copy(io.Discard, readyReader) // closed when the replica is ready, and when the process ends
	conn, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatalf("the replica is not running: %v\n%s", err, p.output())
	}

	conn.Close()
	return p
}

// stop ends the process as SIGTERM would, and waits for the end.
func (p *process) stop() {
	if p.ended {
		return
	}

	p.ended = true
	p.stdin.Close()
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("replica: %v\n%s", err, p.output())
	}
}

// output returns everything that the process has written to standard output and
// error.
func (p *process) output() string {
	b, err := os.ReadFile(p.log)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(b)
}

func freePort(t *testing.T) string {
	t.Helper()
	port, err := devservices.FreePort(0)
	if err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(port)
}
