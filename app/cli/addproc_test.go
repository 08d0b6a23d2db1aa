package cli

import (
	"runtime"
	"testing"
)

func TestAddProcRespectsGOMAXPROCS(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)

	for _, c := range []struct {
		environment string
		added       int
	}{{"", 1}, {"2", 0}} {
		t.Setenv("GOMAXPROCS", c.environment)
		runtime.GOMAXPROCS(before)
		if addProc(); runtime.GOMAXPROCS(0) != before+c.added {
			t.Errorf("GOMAXPROCS=%q: %d of %d processors", c.environment, runtime.GOMAXPROCS(0), before)
		}
	}
}
