package deploy

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
	"gopkg.in/yaml.v3"
)

// dexConfig has the fields of dex' configuration that Parley relies on. The file may
// have no other field.
type dexConfig struct {
	Issuer  string
	Storage struct{ Type string }
	Web     struct {
		HTTPS   string `yaml:"https"`
		TLSCert string `yaml:"tlsCert"`
		TLSKey  string `yaml:"tlsKey"`
	}
	Telemetry struct {
		HTTP string `yaml:"http"`
	}
	OAuth2 struct {
		SkipApprovalScreen bool `yaml:"skipApprovalScreen"`
	} `yaml:"oauth2"`
	StaticClients []struct {
		ID, Name     string
		SecretEnv    string   `yaml:"secretEnv"`
		RedirectURIs []string `yaml:"redirectURIs"`
	} `yaml:"staticClients"`
	EnablePasswordDB bool `yaml:"enablePasswordDB"`
	StaticPasswords  []struct {
		Email, Username, Hash string
		UserID                string `yaml:"userID"`
	} `yaml:"staticPasswords"`
}

// TestDexAndParleyAgree compares the client in dex' configuration with the replicas'
// settings, and checks the example people's password.
func TestDexAndParleyAgree(t *testing.T) {
	var d dexConfig

	decoder := yaml.NewDecoder(strings.NewReader(read(t, "dex/parley.yaml")))
	decoder.KnownFields(true)

	if err := decoder.Decode(&d); err != nil {
		t.Fatal(err)
	}

	p := project(t)

	service, err := p.GetService("dex")
	if err != nil {
		t.Fatal(err)
	}

	client := d.StaticClients[0]

	for _, s := range replicas(t, p) {
		env := environment(s)
		for _, pair := range [][2]string{
			{env["OIDC_ISSUER"], d.Issuer},
			{env["OIDC_CLIENT_ID"], client.ID},
			{env["PUBLIC_URL"] + "/auth/oidc/callback", client.RedirectURIs[0]},
			{env["OIDC_CLIENT_SECRET"], environment(service)[client.SecretEnv]},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s has %q, and dex %q", s.Name, pair[0], pair[1])
			}
		}
	}

	host := strings.TrimSuffix(strings.TrimPrefix(d.Issuer, "https://"), ":5556")
	if !slices.Contains(service.Networks["front"].Aliases, host) {
		t.Errorf("dex has no alias %s in the network front, so replicas can't resolve it", host)
	}

	if len(d.StaticPasswords) != 2 || d.StaticPasswords[0].UserID == d.StaticPasswords[1].UserID {
		t.Errorf("people %+v, want two with different ids", d.StaticPasswords)
	}

	for _, person := range d.StaticPasswords {
		if err := bcrypt.CompareHashAndPassword([]byte(person.Hash), []byte("parley")); err != nil {
			t.Errorf("%s: %v", person.Email, err)
		}
	}
}
