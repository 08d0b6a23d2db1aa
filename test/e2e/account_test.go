package e2e

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"

	"parley/test/wait"
)

// says waits for an element's words.
func (p *person) says(selector, words string) {
	p.t.Helper()
	wait.Until(p.t, p.name+" reads "+words, func() bool {
		return evaluate[string](p, "document.querySelector("+strconv.Quote(selector)+`)?.innerText.trim() ?? ""`) == words
	})
}

func (p *person) fills(selector, text string) {
	p.t.Helper()
	p.does("type "+text, chromedp.WaitVisible(selector), chromedp.SendKeys(selector, text))
}

// TestAccountPage: what is changed is kept at once, another browser is signed out from here, and the account ends by its dialog.
func TestAccountPage(t *testing.T) {
	t.Parallel()
	at := onSite(t).one
	ada := opensBrowser(t, unique(t, "Ada"), at).signsIn()
	other := opensBrowser(t, unique(t, "Ada"), at).signsIn()
	ada.opens("/account")
	ada.isLive()
	ada.clicks("#share_typing", func() bool { return ada.shows("#privacy-saved .good") })
	ada.clicks("input[value=dark]", func() bool { return ada.shows("#appearance-saved .good") })
	ada.fills("#time-zone", "?")
	ada.does("leave the field", chromedp.Focus("#name"))
	wait.Until(t, "the problem is told", func() bool { return ada.shows("#zone-saved .bad") })
	ada.opens("/account")
	if !ada.shows("html[data-theme=dark]") || ada.shows("#share_typing:checked") {
		t.Error("it wasn't kept")
	}

	file := filepath.Join(t.TempDir(), "me.png")
	f, err := os.Create(file)
	if err == nil {
		err = png.Encode(f, image.NewGray(image.Rect(0, 0, 40, 30)))
		f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	ada.does("choose a picture", chromedp.SetUploadFiles("input[type=file]", []string{file}))
	wait.Until(t, "the picture is there", func() bool { return ada.shows("main .avatar img") })

	other.isLive()
	ada.clicks(`form[action$="/revoke"] button`, func() bool { return ada.shows("#sessions-saved .good") })
	wait.Until(t, "the other browser is led out", func() bool { return other.shows(".pitch") })

	ada.clicks("[commandfor=delete]", func() bool { return ada.shows("#delete[open]") })
	ada.fills("#sure", ada.name)
	ada.clicks("#delete button.primary", func() bool { return ada.shows(".pitch") })
	ada.says(".pitch > [role=status]", "Your account is deleted. What you wrote stays with the people you sent it to, without your name.")
}

func TestAccountPageWithoutScripts(t *testing.T) {
	t.Parallel()
	at := onSite(t).one
	ada := opensBrowser(t, unique(t, "Ada"), at).signsIn()
	ada.turnsScriptsOff()
	ada.opens("/account")
	ada.clicks("#share_read", func() bool { return ada.shows("#share_read:not(:checked)") })
	ada.clicks(`form[action="/account/privacy"] button`, func() bool { return ada.shows("#privacy-saved .good") })
	if ada.shows("#share_read:checked") {
		t.Error("it wasn't kept")
	}
	ada.clicks(`a[href="/account/delete"]`, func() bool { return ada.shows("main #sure") })
	ada.fills("#sure", "Somebody else")
	ada.clicks("main form button.danger", func() bool { return ada.shows("#sure-problem") })
	ada.does("empty the field", chromedp.Clear("#sure"))
	ada.fills("#sure", ada.name)
	ada.clicks("main form button.danger", func() bool { return ada.shows(".pitch") })
}
