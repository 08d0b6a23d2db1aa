package postgres

import (
	"bytes"
	"encoding/base64"
	"encoding/json"

	"parley/app/chat"
)

// encodePage returns the name of a page: its keyset as JSON in URL-safe base64.
// Clients treat it as opaque.
func encodePage(keyset any) string {
	b, err := json.Marshal(keyset)
	if err != nil {
		panic(err) // a keyset holds two plain values
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// decodePage returns the keyset of a page: the zero keyset for "", and an Invalid
// error for a name that encodePage didn't make. A NUL is invalid because no name
// holds one and Postgres rejects it.
func decodePage[K any](page string) (K, error) {
	var keyset K
	if page == "" {
		return keyset, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(page)
	if err == nil {
		err = json.Unmarshal(b, &keyset)
	}
	if err != nil || bytes.Contains(b, []byte(`\u0000`)) {
		return keyset, chat.Invalid("page", "This page of the list isn’t there any more. Start again from the top.")
	}
	return keyset, nil
}
