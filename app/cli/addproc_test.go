package cli

import (
	"runtime"
	"testing"
)

func TestOneMoreThanTheProcessorsUnlessToldHowMany(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for _, c := range []struct {
		told string
		more int
	}{{"", 1}, {"2", 0}} {
		t.Setenv("GOMAXPROCS", c.told)
		runtime.GOMAXPROCS(before)
		if spareProcessor(); runtime.GOMAXPROCS(0) != before+c.more {
			t.Errorf("GOMAXPROCS=%q: %d of %d processors", c.told, runtime.GOMAXPROCS(0), before)
		}
	}
}
