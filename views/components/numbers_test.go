package components

import "testing"

func TestNumbersHaveNoExponent(t *testing.T) {
	for n, want := range map[float64]string{
		0:         "0",
		0.254:     "0.25",
		1:         "1",
		9.996:     "10",
		12.34:     "12.3",
		99.96:     "100",
		254.4:     "254",
		1510:      "1,510",
		1_234_567: "1,234,567",
	} {
		if got := Number(n); got != want {
			t.Errorf("%v: %q, want %q", n, got, want)
		}
	}
}
