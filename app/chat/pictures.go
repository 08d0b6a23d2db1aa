package chat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"parley/app/picture"
)

// PictureStore keeps pictures by their hash. It deletes a picture that nobody has any
// more.
type PictureStore interface {
	// Picture returns NotFound for a hash that is nobody's picture.
	Picture(ctx context.Context, hash string) (Picture, error)
	// SetPicture replaces the person's picture. A repeated call changes nothing.
	SetPicture(ctx context.Context, person uuid.UUID, p Picture) error
	// OfferPicture sets the picture of a person who never had or removed one, and
	// reports whether it did.
	OfferPicture(ctx context.Context, person uuid.UUID, p Picture) (bool, error)
	// WantsPicture reports whether OfferPicture would set a picture.
	WantsPicture(ctx context.Context, person uuid.UUID) (bool, error)
	// RemovePicture removes the person's picture. A repeated call changes nothing.
	RemovePicture(ctx context.Context, person uuid.UUID) error
}

// Picture is a person's picture as it is served.
type Picture struct {
	Hash      string // SHA-256 of Content in hex, so that a URL never shows another picture
	MediaType string
	Content   []byte
}

// decodingRetry is the wait that a second picture of a person is told while the first one
// is being decoded.
const decodingRetry = 3 * time.Second

// decoding are the people whose picture is being decoded in this replica.
type decoding struct {
	decoder *picture.Decoder
	mu      sync.Mutex // guards people
	people  map[uuid.UUID]bool
}

func newDecoding() *decoding {
	return &decoding{decoder: picture.NewDecoder(), people: map[uuid.UUID]bool{}}
}

// newPicture crops and encodes a person's file. A file that isn't a picture is an Invalid
// error for the field picture. A person has one file at a time decoded, so that the slots are
// left for others.
func (d *decoding) newPicture(ctx context.Context, person uuid.UUID, file []byte) (Picture, error) {
	if !d.begin(person) {
		return Picture{}, &Error{
			Kind:       KindTooFast,
			RetryAfter: decodingRetry,
			Detail:     "Your other picture is still being read. Please try again in a moment.",
		}
	}
	defer d.end(person)

	content, err := d.decoder.Square(ctx, file)
	if err != nil {
		return Picture{}, pictureRejected(err)
	}
	sum := sha256.Sum256(content)
	return Picture{Hash: hex.EncodeToString(sum[:]), MediaType: picture.MediaType, Content: content}, nil
}

func (d *decoding) begin(person uuid.UUID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()

	if d.people[person] {
		return false
	}

	d.people[person] = true
	return true
}

func (d *decoding) end(person uuid.UUID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.people, person)
}

// pictureRejected turns an error of package picture into one for people. Any other error,
// such as that of a machine without a free process, is the replica's and not the file's.
func pictureRejected(err error) error {
	for cause, detail := range map[error]string{
		picture.ErrEmpty:        "Choose a picture first.",
		picture.ErrTooManyBytes: fmt.Sprintf("A picture can have %d MB; this one has more.", picture.MaxBytes>>20),
		picture.ErrTooManyPixels: fmt.Sprintf("A picture can have %d million pixels; this one has more.",
			picture.MaxPixels/1_000_000),
		picture.ErrTooCostly: "This picture takes too much memory or time to read. " +
			"Save it as an ordinary JPEG or PNG, or with fewer pixels, and try again.",
		picture.ErrDamaged: "This picture is damaged. Try another.",
		picture.ErrFormat:  "This isn’t a picture that can be read here. PNG, JPEG, GIF and WebP can.",
	} {
		if errors.Is(err, cause) {
			return Invalid("picture", detail)
		}
	}

	return Unavailable("decoding of pictures", err)
}

// Picture returns a picture by its hash.
func (s *Accounts) Picture(ctx context.Context, hash string) (Picture, error) {
	return s.store.Picture(ctx, hash)
}

// SetPicture makes an image file (PNG, JPEG, GIF or WebP, at most picture.MaxBytes) the
// viewer's picture. Errors: Invalid (field picture).
func (s *Accounts) SetPicture(ctx context.Context, viewer Person, image []byte) error {
	p, err := s.decoding.newPicture(ctx, viewer.ID, image)
	if err != nil {
		return err
	}
	err = s.store.SetPicture(ctx, viewer.ID, p)
	s.access.personChanged(ctx, viewer.ID) // after an error too: it may have been committed
	return err
}

// RemovePicture removes the viewer's picture. Their initials are shown instead.
func (s *Accounts) RemovePicture(ctx context.Context, viewer Person) error {
	err := s.store.RemovePicture(ctx, viewer.ID)
	s.access.personChanged(ctx, viewer.ID)
	return err
}

// OfferPicture fetches a provider's picture for a person who never had or removed one.
// For others it does not call fetch.
func (s *Accounts) OfferPicture(
	ctx context.Context,
	person Person,
	fetch func(context.Context) ([]byte, error),
) error {
	wanted, err := s.store.WantsPicture(ctx, person.ID)
	if err != nil || !wanted {
		return err
	}

	image, err := fetch(ctx)
	if err != nil {
		return err
	}

	p, err := s.decoding.newPicture(ctx, person.ID, image)
	if err != nil {
		return err
	}

	changed, err := s.store.OfferPicture(ctx, person.ID, p)
	if changed || err != nil {
		s.access.personChanged(ctx, person.ID)
	}

	return err
}
