package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/uuid"
)

func TestLinesHaveWhatIsKnown(t *testing.T) {
	person := uuid.New()
	for _, tt := range []struct {
		entry Entry
		want  map[string]string
	}{
		{
			Entry{Action: SignIn, Person: person, Address: netip.MustParseAddr("2001:db8::1"), Provider: "oidc"},
			map[string]string{"result": "ok", "person": person.String(), "address": "2001:db8::1", "provider": "oidc"},
		},
		{
			Entry{Action: RunCommand, Operator: "root", Target: "rewind earliest", Err: errors.New("a writer runs")},
			map[string]string{"result": "failed", "operator": "root", "target": "rewind earliest", "error": "a writer runs"},
		},
	} {
		var out bytes.Buffer
		Write(context.Background(), slog.New(slog.NewJSONHandler(&out, nil)).With("pkg", "audit"), tt.entry)
		got := map[string]string{}
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}

		delete(got, "time")
		tt.want["action"], tt.want["msg"], tt.want["level"] = string(tt.entry.Action), Message, "INFO"
		tt.want["pkg"] = "audit"
		if !maps.Equal(got, tt.want) {
			t.Errorf("line %v, want %v (keys %v)", got, tt.want, slices.Sorted(maps.Keys(got)))
		}
	}
}
