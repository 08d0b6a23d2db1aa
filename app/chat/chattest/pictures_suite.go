package chattest

import (
	"sync"
	"testing"

	"parley/app/chat"
)

// picture returns a picture with its own hash.
func picture(s string) chat.Picture {
	return chat.Picture{Hash: "hash of " + s, MediaType: "image/jpeg", Content: []byte(s)}
}

func testPictures(t *testing.T, s chat.Store) {
	ada, bob, red, blue := account(t, s, "Ada"), account(t, s, "Bob"), picture("red"), picture("blue")
	checkPicture := func(p chat.Person, want string) {
		t.Helper()
		if got := account(t, s, p.Name); got.Picture != want {
			t.Errorf("picture of %s: got %q, want %q", p.Name, got.Picture, want)
		}
	}

	checkStored := func(p chat.Picture, want bool) {
		t.Helper()
		got, err := s.Picture(ctx, p.Hash)
		if want && (err != nil || got.MediaType != p.MediaType || string(got.Content) != string(p.Content)) {
			t.Errorf("%s: got %+v, %v, want the picture", p.Hash, got, err)
		} else if !want {
			wantKind(t, p.Hash, err, chat.KindNotFound)
		}
	}

	checkStored(red, false)
	for range 2 {
		if err := s.SetPicture(ctx, ada.ID, red); err != nil {
			t.Fatal(err)
		}

		checkPicture(ada, red.Hash)
		checkStored(red, true)
	}

	if err := s.SetPicture(ctx, bob.ID, red); err != nil {
		t.Fatal(err)
	}

	if err := s.SetPicture(ctx, ada.ID, blue); err != nil {
		t.Fatal(err)
	}

	checkPicture(ada, blue.Hash)
	checkStored(red, true) // used by Bob
	for range 2 {
		if err := s.RemovePicture(ctx, bob.ID); err != nil {
			t.Fatal(err)
		}

		checkPicture(bob, "")
		checkStored(red, false)
	}

	wantKind(t, "SetPicture of an unknown person", s.SetPicture(ctx, chat.NewID(), red), chat.KindNotFound)
}

func testOfferedPictures(t *testing.T, s chat.Store) {
	ada, red := account(t, s, "Ada"), picture("red")
	checkWanted := func(want bool) {
		t.Helper()
		if got, err := s.WantsPicture(ctx, ada.ID); got != want || err != nil {
			t.Errorf("WantsPicture: got %v, %v, want %v", got, err, want)
		}
	}

	checkWanted(true)
	var wg sync.WaitGroup
	accepted := make([]bool, 4)
	for i := range accepted {
		wg.Add(1)
		go func() {
			defer wg.Done()
			var err error
			if accepted[i], err = s.OfferPicture(ctx, ada.ID, red); err != nil {
				t.Error(err)
			}
		}()
	}

	wg.Wait()
	n := 0
	for _, ok := range accepted {
		if ok {
			n++
		}
	}

	if got := account(t, s, "Ada"); n != 1 || got.Picture != red.Hash {
		t.Errorf("4 concurrent offers: got %d accepted, picture %q, want 1", n, got.Picture)
	}

	checkWanted(false)
	if err := s.RemovePicture(ctx, ada.ID); err != nil {
		t.Fatal(err)
	}

	checkWanted(false) // a removed picture is not restored
	if ok, err := s.OfferPicture(ctx, ada.ID, red); ok || err != nil {
		t.Errorf("offer after the removal: got %v, %v, want false", ok, err)
	}

	_, err := s.WantsPicture(ctx, chat.NewID())
	wantKind(t, "WantsPicture of an unknown person", err, chat.KindNotFound)
}

// testPicturesAtOnce: a picture that one person sets while the last other user removes it
// is not lost.
func testPicturesAtOnce(t *testing.T, s chat.Store) {
	red, blue := picture("red"), picture("blue")
	people := []chat.Person{account(t, s, "Ada"), account(t, s, "Bob"), account(t, s, "Eve")}
	var wg sync.WaitGroup
	for i, p := range people {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := range 30 {
				if err := s.SetPicture(ctx, p.ID, []chat.Picture{red, blue}[(i+n)%2]); err != nil {
					t.Error(err)
				}
			}
		}()
	}

	wg.Wait()
	for _, p := range people {
		if _, err := s.Picture(ctx, account(t, s, p.Name).Picture); err != nil {
			t.Errorf("picture of %s: got error %v, want nil", p.Name, err)
		}
	}
}
