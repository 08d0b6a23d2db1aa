package cli

import (
	"context"
	"strings"
	"testing"
)

func TestServeKnowsItsFlag(t *testing.T) {
	for _, args := range [][]string{{"serve", "--show-txt"}, {"serve", "--show-text", "more"}, {"--show-text", "more"}} {
		if err := run(context.Background(), args); exitCode(err) != exitUsage || !strings.Contains(err.Error(), "--show-text") {
			t.Errorf("%v: %v", args, err)
		}
	}
}
