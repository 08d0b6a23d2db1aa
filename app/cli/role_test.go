package cli

import (
	"flag"
	"strings"
	"testing"

	"parley/app/config"
)

func TestRoleOverridesROLES(t *testing.T) {
	unset := func(string) (string, bool) { return "", false }
	writer := func(name string) (string, bool) {
		if name == "ROLES" {
			return "writer", true
		}
		return "", false
	}

	for line, want := range map[string]struct {
		lookup      func(string) (string, bool)
		web, writer bool
		refused     string
	}{
		"":                    {unset, true, true, ""},
		"serve":               {unset, true, true, ""},
		"--role web":          {unset, true, false, ""},
		"serve --role=writer": {unset, false, true, ""},
		"--role writer,web":   {unset, true, true, ""},
		"--role web serve":    {unset, true, false, ""},
		"serve ":              {writer, false, true, ""},
		"serve --role web":    {writer, true, false, ""},
		"--role webb":         {unset, false, false, "\"webb\" is no role: write web"},
	} {
		c, args, err := findCommand(strings.Fields(line))
		if err != nil || c.name != "serve" {
			t.Fatalf("%q is the command %q, %v", line, c.name, err)
		}
		flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
		c.setup(flags)
		if _, err := parse(flags, args); err != nil {
			t.Fatalf("%q: %v", line, err)
		}

		cfg, err := config.Load(withRole(want.lookup, flags))
		if want.refused != "" {
			if err == nil || !strings.Contains(err.Error(), want.refused) {
				t.Errorf("%q: %v", line, err)
			}
			continue
		}
		if err != nil || cfg.Web != want.web || cfg.Writer != want.writer {
			t.Errorf("%q: web %v, writer %v, %v", line, cfg.Web, cfg.Writer, err)
		}
	}
}
