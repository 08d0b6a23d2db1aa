package e2e

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"parley/test/wait"
)

// TestAccountPage: changes are saved at once, another browser is signed out from here, and the
// account is deleted in its dialog.
func TestAccountPage(t *testing.T) {
	t.Parallel()
	address := sharedSite(t).one
	ada, otherBrowser := newPerson(t, "Ada", address).SignsIn(), newPerson(t, "Ada", address).SignsIn()
	ada.Opens("/account")
	ada.IsLive()
	ada.Clicks("#share_typing", ada.Showing("#privacy-saved .good"))
	ada.Clicks("input[value=dark]", ada.Showing("#appearance-saved .good"))
	ada.Fills("#time-zone", "?")
	ada.Does("leave the field", chromedp.Focus("#name"))
	wait.Until(t, "the page rejects the time zone", ada.Showing("#zone-saved .bad"))
	ada.Opens("/account")
	if !ada.Shows("html[data-theme=dark]") || ada.Shows("#share_typing:checked") {
		t.Error("the changes were not saved")
	}

	ada.Does("choose a picture", chromedp.SetUploadFiles("input[type=file]", []string{writePNG(t)}))
	wait.Until(t, "the page shows the picture", ada.Showing("main .avatar img"))

	otherBrowser.IsLive()
	ada.Clicks(`form[action$="/revoke"] button`, ada.Showing("#sessions-saved .good"))
	wait.Until(t, "the other browser is signed out", otherBrowser.Showing(".pitch"))

	ada.Clicks("[commandfor=delete]", ada.Showing("#delete[open]"))
	ada.Fills("#sure", ada.Name)
	ada.Clicks("#delete button.primary", ada.Showing(".pitch"))
	ada.ReadsIn(".pitch > [role=status]",
		"Your account is deleted. What you wrote stays with the people you sent it to, without your name.")
}

// writePNG writes a picture, and returns the path of its file.
func writePNG(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "me.png")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := png.Encode(file, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAccountPageWithoutScripts(t *testing.T) {
	t.Parallel()
	ada := newPerson(t, "Ada", sharedSite(t).one).SignsIn()
	ada.TurnsScriptsOff()
	ada.Opens("/account")
	ada.Clicks("#share_read", ada.Showing("#share_read:not(:checked)"))
	ada.Clicks(`form[action="/account/privacy"] button`, ada.Showing("#privacy-saved .good"))
	if ada.Shows("#share_read:checked") {
		t.Error("the change was not saved")
	}

	ada.Clicks(`a[href="/account/delete"]`, ada.Showing("main #sure"))
	ada.Fills("#sure", "Somebody else")
	ada.Clicks("main form button.danger", ada.Showing("#sure-problem"))
	ada.Does("empty the field", chromedp.Clear("#sure"))
	ada.Fills("#sure", ada.Name)
	ada.Clicks("main form button.danger", ada.Showing(".pitch"))
}
