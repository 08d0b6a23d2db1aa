package cli

import (
	"strings"
	"testing"

	"parley/app/config"
)

func TestRoles(t *testing.T) {
	none := func(string) (string, bool) { return "", false }
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
		"":                    {none, true, true, ""},
		"serve":               {none, true, true, ""},
		"--role web":          {none, true, false, ""},
		"serve --role=writer": {none, false, true, ""},
		"--role writer,web":   {none, true, true, ""},
		"serve ":              {writer, false, true, ""},
		"serve --role web":    {writer, true, false, ""},
		"--role":              {none, false, false, "parley --role web"},
		"--role=":             {none, false, false, "parley --role web"},
		"--role web drill":    {none, false, false, "parley --role web"},
		"--role webb":         {none, false, false, "\"webb\" is no role: write web"},
	} {
		lookup, _, err := withRole(want.lookup, strings.Fields(line))
		var cfg config.Config
		if err == nil {
			cfg, err = config.Load(lookup)
		}
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
