package web

import (
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"parley/app/chat"
)

// FuzzRange checks that a query gives either a range that the domain accepts or an Invalid
// error.
func FuzzRange(f *testing.F) {
	for _, query := range []string{
		"", "before=5", "after=0&limit=100", "at=7", "before=1&after=2", "before=-1", "limit=0", "limit=101",
		"before=9223372036854775808", "before=+5", "before=5&before=6", "limit=1e2", "%", "before=%00", "before=٣",
	} {
		f.Add(query)
	}

	app := fiber.New()
	f.Fuzz(func(t *testing.T, query string) {
		var request fasthttp.RequestCtx
		request.Request.URI().SetQueryString(query)
		c := app.AcquireCtx(&request)
		defer app.ReleaseCtx(c)

		r, err := rangeOf(c)
		if err != nil {
			if chat.KindOf(err) != chat.KindInvalid {
				t.Errorf("%q: %v", query, err)
			}
			return
		}

		given := 0
		for _, seq := range []*int64{r.Before, r.After, r.At} {
			if seq != nil {
				if given++; *seq < 0 {
					t.Errorf("%q: number %d", query, *seq)
				}
			}
		}

		if given > 1 || r.Limit < 1 || r.Limit > chat.MaxPage {
			t.Errorf("%q: range %+v", query, r)
		}
	})
}
