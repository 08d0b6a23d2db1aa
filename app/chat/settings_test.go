package chat_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/chat/chattest"
)

func TestTimeZones(t *testing.T) {
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
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
}

func TestChangedSettingsAreForgottenEverywhere(t *testing.T) {
	h := newHarness(t, limits{})
	dark, purple, zone := "dark", "purple", "Asia/Tokyo"
	got, err := h.ChangeSettings(ctx, h.ada, chat.SettingsChange{Theme: &dark, TimeZone: &zone})
	if err != nil || got.Theme != "dark" || got.TimeZone != zone {
		t.Fatalf("got %+v, %v", got, err)
	}

	if e, ok := h.bus.Broadcasts[0].(chat.InvalidateEvent); len(h.bus.Broadcasts) != 1 || !ok ||
		*e.Person != h.ada.ID {
		t.Errorf("other replicas received %v", h.bus.Broadcasts)
	}

	for field, change := range map[string]chat.SettingsChange{
		"theme":     {Theme: &purple},
		"time_zone": {TimeZone: &purple},
	} {
		_, err := h.ChangeSettings(ctx, h.ada, change)
		if invalidField(err) != field {
			t.Errorf("%s: %v", field, err)
		}
	}

	if err := h.LearnTimeZone(ctx, h.ada, "America/Lima"); err != nil || len(h.bus.Broadcasts) != 1 {
		t.Errorf("a browser's zone against a chosen one: %v, said %v", err, h.bus.Broadcasts)
	}
}

// invalidField returns the field of an Invalid error, or "".
func invalidField(err error) string {
	if e, ok := err.(*chat.Error); ok && e.Kind == chat.KindInvalid {
		return e.Field
	}
	return ""
}

// TestReadReceiptsNeedBothSides: when either hides reading, only the reader's own
// pages receive it, and the other person receives the delivery.
func TestReadReceiptsNeedBothSides(t *testing.T) {
	no := false
	for name, tt := range map[string]struct {
		silent      func(h *harness) []chat.Person
		bobReceives []chat.EventKind
	}{
		"both tell":       {func(*harness) []chat.Person { return nil }, []chat.EventKind{chat.EventRead}},
		"the reader not":  {func(h *harness) []chat.Person { return []chat.Person{h.ada} }, []chat.EventKind{chat.EventDelivered}},
		"the other not":   {func(h *harness) []chat.Person { return []chat.Person{h.bob} }, []chat.EventKind{chat.EventDelivered}},
		"neither of them": {func(h *harness) []chat.Person { return []chat.Person{h.ada, h.bob} }, []chat.EventKind{chat.EventDelivered}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, limits{})
			m := chat.Message{ID: uuid.New(), ConversationID: h.conversation, Sender: h.bob, Body: "hi"}
			if _, err := h.store.StoreDirect(ctx, h.conversation, []chat.Message{m}); err != nil {
				t.Fatal(err)
			}

			if err := h.MarkRead(ctx, h.ada, h.conversation, 0); err != nil { // the membership is cached from here
				t.Fatal(err)
			}

			for _, p := range tt.silent(h) {
				if _, err := h.ChangeSettings(ctx, p, chat.SettingsChange{ShareRead: &no}); err != nil {
					t.Fatal(err)
				}
			}

			for range 2 { // published once
				if err := h.MarkRead(ctx, h.ada, h.conversation, 1); err != nil {
					t.Fatal(err)
				}
			}

			if !slices.Equal(h.received(), tt.bobReceives) {
				t.Errorf("Bob received %v", h.received())
			}

			own := slices.ContainsFunc(
				h.bus.Published,
				func(p chattest.Published) bool { return p.To == h.ada.ID && p.Event.Kind() == chat.EventRead },
			)
			if !own {
				t.Error("Ada's other pages don't know")
			}
		})
	}
}
