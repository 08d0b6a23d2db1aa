package chat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"parley/app/picture"
)

// PictureStore keeps pictures, named by what they are. A picture that nobody has any more is gone.
type PictureStore interface {
	// Picture answers NotFound for a hash that nobody's picture has.
	Picture(ctx context.Context, hash string) (Picture, error)
	// SetPicture makes it the person's, in place of the one before. Twice is once.
	SetPicture(ctx context.Context, person uuid.UUID, p Picture) error
	// OfferPicture does so only for a person who never had nor removed one, and tells whether it did.
	OfferPicture(ctx context.Context, person uuid.UUID, p Picture) (bool, error)
	// WantsPicture tells whether an offer would be taken.
	WantsPicture(ctx context.Context, person uuid.UUID) (bool, error)
	// RemovePicture leaves the person without one. Twice is once.
	RemovePicture(ctx context.Context, person uuid.UUID) error
}

// Picture is a person's, as it is served.
type Picture struct {
	Hash      string // SHA-256 of Content in hex, so that an address never shows another picture
	MediaType string
	Content   []byte
}

// Decoding takes up to 128 MB for a moment; those who come when all places are taken wait, but not long.
const (
	maxDecoding  = 2
	decodingWait = 10 * time.Second
)

// newPicture crops and encodes a file. A file that isn't a picture is an Invalid
// error for the field picture.
func newPicture(file []byte) (Picture, error) {
	content, err := picture.Square(file)
	if err != nil {
		return Picture{}, pictureRejected(err)
	}
	sum := sha256.Sum256(content)
	return Picture{Hash: hex.EncodeToString(sum[:]), MediaType: picture.MediaType, Content: content}, nil
}

// pictureRejected turns an error of package picture into one for people.
func pictureRejected(err error) error {
	for cause, detail := range map[error]string{
		picture.ErrEmpty:         "Choose a picture first.",
		picture.ErrTooManyBytes:  fmt.Sprintf("A picture can have %d MB; this one has more.", picture.MaxBytes>>20),
		picture.ErrTooManyPixels: fmt.Sprintf("A picture can have %d million pixels; this one has more.", picture.MaxPixels/1_000_000),
		picture.ErrDamaged:       "This picture is damaged. Try another.",
		picture.ErrFormat:        "This isn’t a picture that can be read here. PNG, JPEG, GIF and WebP can.",
	} {
		if errors.Is(err, cause) {
			return Invalid("picture", detail)
		}
	}
	return err
}

// Picture finds a picture by its hash.
func (s *Service) Picture(ctx context.Context, hash string) (Picture, error) {
	return s.store.Picture(ctx, hash)
}

// SetPicture takes an image (PNG, JPEG, GIF or WebP, at most picture.MaxBytes) as the viewer's picture. What isn't one is an Invalid
// error for the field picture.
func (s *Service) SetPicture(ctx context.Context, viewer Person, image []byte) error {
	p, err := s.decode(ctx, image)
	if err != nil {
		return err
	}
	err = s.store.SetPicture(ctx, viewer.ID, p)
	s.personChanged(ctx, viewer.ID) // after an error too: it may have happened
	return err
}

// RemovePicture leaves the viewer with initials.
func (s *Service) RemovePicture(ctx context.Context, viewer Person) error {
	err := s.store.RemovePicture(ctx, viewer.ID)
	s.personChanged(ctx, viewer.ID)
	return err
}

// OfferPicture fetches a provider's picture for a person who never had nor removed one; for others fetch isn't called.
func (s *Service) OfferPicture(ctx context.Context, person Person, fetch func(context.Context) ([]byte, error)) error {
	wanted, err := s.store.WantsPicture(ctx, person.ID)
	if err != nil || !wanted {
		return err
	}
	image, err := fetch(ctx)
	if err != nil {
		return err
	}
	p, err := s.decode(ctx, image)
	if err != nil {
		return err
	}
	taken, err := s.store.OfferPicture(ctx, person.ID, p)
	if taken || err != nil {
		s.personChanged(ctx, person.ID)
	}
	return err
}

func (s *Service) decode(ctx context.Context, image []byte) (Picture, error) {
	ctx, cancel := context.WithTimeout(ctx, decodingWait)
	defer cancel()
	select {
	case s.decoding <- struct{}{}:
		defer func() { <-s.decoding }()
		return newPicture(image)
	case <-ctx.Done():
		return Picture{}, Unavailable("pictures", ctx.Err())
	}
}
