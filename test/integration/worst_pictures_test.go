package integration

import (
	"bytes"
	"errors"
	"fmt"
	"mime/multipart"
	"sync"
	"testing"

	"parley/app/picture/picturetest"
)

// uploadPicture is the answer to an upload.
func (p *person) uploadPicture(t *testing.T, file []byte) reply {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("picture", "me")
	if err == nil {
		_, err = part.Write(file)
	}
	must(t, errors.Join(err, w.Close()))
	return p.do("POST", "/account/picture", &b, "Content-Type", w.FormDataContentType())
}

// TestWorstPictures: files that are costly to decode are answered, and others' pictures are
// accepted meanwhile.
func TestWorstPictures(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	scans := picturetest.JPEG{W: 4000, H: 4000, Components: 1, Progressive: true, Scans: 1000}.Encode()
	costly := picturetest.WebP(picturetest.WebPChunk("VP8L", picturetest.Lossless(4000, 4000, true)))

	var uploads sync.WaitGroup
	for i, file := range [][]byte{scans, scans, costly, costly} {
		p := r.signIn(fmt.Sprint("Mallory ", i))
		uploads.Go(func() {
			switch status := p.uploadPicture(t, file).status; status {
			case 204, 422, 503: // 503: its slots were busy
			default:
				t.Errorf("costly picture: status %d", status)
			}
		})
	}

	if got := r.signIn("Ada").uploadPicture(t, redPNG(t)); got.status != 204 {
		t.Errorf("ordinary picture: status %d, %s", got.status, got.body)
	}
	uploads.Wait()

	if got := r.signIn("Mallory").uploadPicture(t, scans); got.status != 422 {
		t.Errorf("1,000 scans: status %d, want 422", got.status)
	}
}
