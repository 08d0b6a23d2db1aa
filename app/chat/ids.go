package chat

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"

	"github.com/google/uuid"
)

// ParseClientID parses the id that the sender's page gave a message: a UUIDv7 (RFC
// 9562 §5.7) in its 36-character form, of any time. Anything else is an Invalid error
// for the field client_id.
func ParseClientID(s string) (uuid.UUID, error) {
	id, err := uuid.Parse(s)
	if err != nil || len(s) != 36 || id.Version() != 7 || id.Variant() != uuid.RFC4122 {
		return uuid.Nil, Invalid("client_id", "This page is too old to send from. Reload it; your words stay in the box.")
	}
	return id, nil
}

// NewID returns a new UUIDv7, which sorts by its creation time.
func NewID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// MessageID derives a message's id from its content: the same text sent again with
// the same client id is the same message, and another text is another message. It is
// a UUIDv8 (RFC 9562 §5.8): the 48-bit time of the client id, so that the unique index
// grows at its right edge, then SHA-256 over sender, conversation and client id (16
// bytes each) and the normalised body.
func MessageID(sender, conversation, clientID uuid.UUID, body string) uuid.UUID {
	h := sha256.New()
	h.Write(sender[:])
	h.Write(conversation[:])
	h.Write(clientID[:])
	h.Write([]byte(body))

	var id uuid.UUID
	copy(id[:6], clientID[:6])
	copy(id[6:], h.Sum(nil))
	return version8(id)
}

// NewToken returns a session's secret: 256 random bits in URL-safe base64, for a
// cookie.
func NewToken() string {
	var b [32]byte
	rand.Read(b[:]) // never fails (Go 1.24)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// TokenHash returns the hash of a token, which is stored in its place.
func TokenHash(token string) [32]byte { return sha256.Sum256([]byte(token)) }

// SessionID derives a session's public id from its token's hash. Caches are keyed,
// and sessions revoked, by this id because it is no secret.
func SessionID(hash [32]byte) uuid.UUID {
	sum := sha256.Sum256(append([]byte("parley session id"), hash[:]...))
	var id uuid.UUID
	copy(id[:], sum[:])
	return version8(id)
}

func version8(id uuid.UUID) uuid.UUID {
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id
}
