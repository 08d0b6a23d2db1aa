package buildinfo

import "testing"

func TestTheLinkersVersionWins(t *testing.T) {
	if Version() == "" {
		t.Error("a build without a linker flag has no version")
	}

	version = "v1.2.3"
	defer func() { version = "" }()
	if got := Version(); got != "v1.2.3" {
		t.Errorf("version %q, want the linker's v1.2.3", got)
	}
}
