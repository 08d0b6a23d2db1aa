package chat_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/chat/chattest"
)

func TestParseTimeZone(t *testing.T) {
	for name, want := range map[string]string{
		"Europe/Amsterdam":   "Europe/Amsterdam",
		" America/New York ": "America/New_York",
		"UTC":                "UTC",
		"Asia/Kathmandu":     "Asia/Kathmandu",
		"":                   "",
		"Local":              "",
		"local":              "",
		"Mars/Olympus":       "",
		"../../etc/passwd":   "",
		"/etc/localtime":     "",
		"a\x00b":             "",
		"Europe":             "",
	} {
		got, err := chat.ParseTimeZone(name)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", name, got, err, want)
		}
	}
}

func TestChangedSettingsAreBroadcast(t *testing.T) {
	h := newHarness(t, limits{})
	dark, purple, zone := "dark", "purple", "Asia/Tokyo"
	got, err := h.ChangeSettings(ctx, h.ada, chat.SettingsChange{Theme: &dark, TimeZone: &zone})
	if err != nil || got.Theme != "dark" || got.TimeZone != zone {
		t.Fatalf("got %+v, %v, want the changed settings", got, err)
	}

	if e, ok := h.bus.Broadcasts[0].(chat.InvalidateEvent); len(h.bus.Broadcasts) != 1 || !ok ||
		*e.Person != h.ada.ID {
		t.Errorf("got broadcasts %v, want 1 invalidation of the person", h.bus.Broadcasts)
	}

	for field, change := range map[string]chat.SettingsChange{
		"theme":     {Theme: &purple},
		"time_zone": {TimeZone: &purple},
	} {
		_, err := h.ChangeSettings(ctx, h.ada, change)
		if invalidField(err) != field {
			t.Errorf("%s: got %v, want an invalid field", field, err)
		}
	}

	if err := h.LearnTimeZone(ctx, h.ada, "America/Lima"); err != nil || len(h.bus.Broadcasts) != 1 {
		t.Errorf("LearnTimeZone after a choice: got %v, broadcasts %v, want no change", err, h.bus.Broadcasts)
	}
}

// invalidField returns the field of an Invalid error, or "".
func invalidField(err error) string {
	if e, ok := err.(*chat.Error); ok && e.Kind == chat.KindInvalid {
		return e.Field
	}
	return ""
}

// TestReadReceiptsNeedBothSides: if either person hides reading, only the reader's own
// pages receive the read event. The other person receives the delivery.
func TestReadReceiptsNeedBothSides(t *testing.T) {
	no := false
	read, delivered := []chat.EventKind{chat.EventRead}, []chat.EventKind{chat.EventDelivered}
	for name, tt := range map[string]struct {
		hiding func(h *harness) []chat.Person
		want   []chat.EventKind
	}{
		"both share":      {func(*harness) []chat.Person { return nil }, read},
		"reader hides":    {func(h *harness) []chat.Person { return []chat.Person{h.ada} }, delivered},
		"recipient hides": {func(h *harness) []chat.Person { return []chat.Person{h.bob} }, delivered},
		"both hide":       {func(h *harness) []chat.Person { return []chat.Person{h.ada, h.bob} }, delivered},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, limits{})
			m := chat.Message{ID: uuid.New(), ConversationID: h.conversation, Sender: h.bob, Body: "hi"}
			if _, err := h.store.StoreDirect(ctx, h.conversation, []chat.Message{m}); err != nil {
				t.Fatal(err)
			}

			if err := h.MarkRead(ctx, h.ada, h.conversation, 0); err != nil { // caches the membership
				t.Fatal(err)
			}

			for _, p := range tt.hiding(h) {
				if _, err := h.ChangeSettings(ctx, p, chat.SettingsChange{ShareRead: &no}); err != nil {
					t.Fatal(err)
				}
			}

			for range 2 { // published once
				if err := h.MarkRead(ctx, h.ada, h.conversation, 1); err != nil {
					t.Fatal(err)
				}
			}

			if !slices.Equal(h.received(), tt.want) {
				t.Errorf("events of Bob: got %v, want %v", h.received(), tt.want)
			}

			own := slices.ContainsFunc(
				h.bus.Published,
				func(p chattest.Published) bool { return p.To == h.ada.ID && p.Event.Kind() == chat.EventRead },
			)
			if !own {
				t.Error("events of Ada: got no read event")
			}
		})
	}
}
