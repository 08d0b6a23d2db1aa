package admin

import (
	"strings"
	"testing"

	"parley/app/status"
)

// TestAFullRedisIsMarked and one below its limit, or without a limit, is not.
func TestAFullRedisIsMarked(t *testing.T) {
	for s, want := range map[status.RedisState]bool{
		{Bytes: 3 << 20, MaxBytes: 1 << 20}: true,
		{Bytes: 1 << 20, MaxBytes: 3 << 20}: false,
		{Bytes: 1 << 20}:                    false,
	} {
		var page strings.Builder
		if err := redisFacts(s).Render(t.Context(), &page); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(page.String(), "status bad"); got != want {
			t.Errorf("%+v: marked %t, want %t", s, got, want)
		}
	}
}
