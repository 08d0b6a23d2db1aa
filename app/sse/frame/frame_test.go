package frame_test

import (
	"testing"
	"time"

	"parley/app/sse/frame"
)

func TestFrames(t *testing.T) {
	tests := []struct {
		name string
		got  []byte
		want string
	}{
		{"one line", frame.Event("stored", []byte(`{}`)), "event: stored\ndata: {}\n\n"},
		{"no data", frame.Event("ready", nil), "event: ready\ndata: \n\n"},
		{
			"every line end",
			frame.Event("m", []byte("a\nb\r\nc\rd")),
			"event: m\ndata: a\ndata: b\ndata: c\ndata: d\n\n",
		},
		{
			"an event in the data",
			frame.Event("m", []byte("\n\nevent: x")),
			"event: m\ndata: \ndata: \ndata: event: x\n\n",
		},
		{"heartbeat", frame.Heartbeat(4 * time.Second), "event: heartbeat\ndata: 4000\n\n"},
		{"retry", frame.Retry(1500 * time.Millisecond), "retry: 1500\n\n"},
	}

	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if string(test.got) != test.want {
				t.Errorf("got %q, want %q", test.got, test.want)
			}
		})
	}
}
