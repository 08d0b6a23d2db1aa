package web

import (
	"context"
	"net"
	"testing"

	"github.com/gofiber/fiber/v2"
)

// TestWhileConnectedEndsWithTheConnection, and not while the client waits for its answer.
func TestWhileConnectedEndsWithTheConnection(t *testing.T) {
	begun, ended := make(chan struct{}), make(chan error, 1)
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/", func(c *fiber.Ctx) error {
		ctx, stop := whileConnected(c)
		defer stop()
		close(begun)
		<-ctx.Done()
		ended <- context.Cause(ctx)
		return nil
	})

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	go func() { _ = app.Listener(listener) }()
	defer func() { _ = app.Shutdown() }()

	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}

	if _, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		t.Fatal(err)
	}

	<-begun
	if len(ended) > 0 {
		t.Error("the context ended while the client was connected")
	}

	conn.Close()
	if err := <-ended; err != context.Canceled {
		t.Errorf("got %v, want Canceled", err)
	}
}
