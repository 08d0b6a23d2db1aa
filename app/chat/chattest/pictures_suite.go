package chattest

import (
	"sync"
	"testing"

	"parley/app/chat"
)

func picture(s string) chat.Picture {
	return chat.Picture{Hash: "hash of " + s, MediaType: "image/jpeg", Content: []byte(s)}
}

func testPictures(t *testing.T, s chat.Store) {
	ada, bob, red, blue := account(t, s, "Ada"), account(t, s, "Bob"), picture("red"), picture("blue")
	has := func(p chat.Person, want string) {
		t.Helper()
		if got := account(t, s, p.Name); got.Picture != want {
			t.Errorf("%s has the picture %q, want %q", p.Name, got.Picture, want)
		}
	}

	kept := func(p chat.Picture, want bool) {
		t.Helper()
		got, err := s.Picture(ctx, p.Hash)
		if want && (err != nil || got.MediaType != p.MediaType || string(got.Content) != string(p.Content)) {
			t.Errorf("%s: %+v, %v", p.Hash, got, err)
		} else if !want {
			wantKind(t, p.Hash, err, chat.KindNotFound)
		}
	}

	kept(red, false)
	for range 2 {
		if err := s.SetPicture(ctx, ada.ID, red); err != nil {
			t.Fatal(err)
		}

		has(ada, red.Hash)
		kept(red, true)
	}

	if err := s.SetPicture(ctx, bob.ID, red); err != nil {
		t.Fatal(err)
	}

	if err := s.SetPicture(ctx, ada.ID, blue); err != nil {
		t.Fatal(err)
	}

	has(ada, blue.Hash)
	kept(red, true) // Bob's
	for range 2 {
		if err := s.RemovePicture(ctx, bob.ID); err != nil {
			t.Fatal(err)
		}

		has(bob, "")
		kept(red, false)
	}

	wantKind(t, "nobody's picture", s.SetPicture(ctx, chat.NewID(), red), chat.KindNotFound)
}

func testOfferedPictures(t *testing.T, s chat.Store) {
	ada, red := account(t, s, "Ada"), picture("red")
	wanted := func(want bool) {
		t.Helper()
		if got, err := s.WantsPicture(ctx, ada.ID); got != want || err != nil {
			t.Errorf("wants a picture: %v, %v; want %v", got, err, want)
		}
	}

	wanted(true)
	var wg sync.WaitGroup
	taken := make([]bool, 4)
	for i := range taken {
		wg.Add(1)
		go func() {
			defer wg.Done()
			var err error
			if taken[i], err = s.OfferPicture(ctx, ada.ID, red); err != nil {
				t.Error(err)
			}
		}()
	}

	wg.Wait()
	n := 0
	for _, ok := range taken {
		if ok {
			n++
		}
	}

	if got := account(t, s, "Ada"); n != 1 || got.Picture != red.Hash {
		t.Errorf("%d of four offers were taken; the picture is %q", n, got.Picture)
	}

	wanted(false)
	if err := s.RemovePicture(ctx, ada.ID); err != nil {
		t.Fatal(err)
	}

	wanted(false) // what was removed isn't brought back
	if ok, err := s.OfferPicture(ctx, ada.ID, red); ok || err != nil {
		t.Errorf("an offer after the removal: %v, %v", ok, err)
	}

	_, err := s.WantsPicture(ctx, chat.NewID())
	wantKind(t, "nobody", err, chat.KindNotFound)
}

// testPicturesAtOnce: a picture that somebody takes while another one leaves it is never lost.
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
			t.Errorf("%s's picture: %v", p.Name, err)
		}
	}
}
