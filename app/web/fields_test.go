package web

import (
	"bytes"
	"encoding/json"
	"maps"
	"mime/multipart"
	"net/url"
	"testing"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"parley/app/chat"
)

// posted reads a body as a form of that kind, then overwrites what the request was read into, as the next request does.
func posted(kind string, body []byte) (map[string]string, error) {
	app := fiber.New()
	var request fasthttp.RequestCtx
	request.Request.Header.SetMethod(fiber.MethodPost)
	request.Request.Header.SetContentType(kind)
	request.Request.SetBody(body)
	c := app.AcquireCtx(&request)
	defer app.ReleaseCtx(c)
	values, err := fields(c)
	clear(request.Request.Body())
	return values, err
}

// FuzzFields: the three kinds of form say the same.
func FuzzFields(f *testing.F) {
	for _, s := range []string{"", "hi", "a+b&c=d;e%20", "\r\n--x--\r\n", `{"a":"b"}`, "\x00", "🎹 שלום", "%zz%", "\"\\\u2028", "a\r\nb"} {
		f.Add("body", s)
		f.Add(s, "body")
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		if name == "" || !utf8.ValidString(name) || !utf8.ValidString(value) {
			return
		}
		want := map[string]string{name: value}
		got, err := posted(fiber.MIMEApplicationForm, []byte(url.Values{name: {value}}.Encode()))
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("urlencoded: %q is %q, %v", want, got, err)
		}
		object, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if got, err = posted(fiber.MIMEApplicationJSON, object); err != nil || !maps.Equal(got, want) {
			t.Errorf("JSON: %q is %q, %v", want, got, err)
		}
		var b bytes.Buffer
		form := multipart.NewWriter(&b)
		if err := form.WriteField("body", value); err != nil {
			t.Fatal(err)
		}
		if err := form.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err = posted(form.FormDataContentType(), b.Bytes()); err != nil || got["body"] != value {
			t.Errorf("multipart: %q is %q, %v", value, got, err)
		}
	})
}

// FuzzForms: any bytes of any kind are values or a refusal.
func FuzzForms(f *testing.F) {
	for _, kind := range []string{fiber.MIMEApplicationForm, fiber.MIMEApplicationJSON, "multipart/form-data; boundary=x", "multipart/form-data", "", "text/plain", "APPLICATION/JSON ; charset=x"} {
		f.Add(kind, []byte("a=b&a=c&%"))
		f.Add(kind, []byte(`{"a":"b","c":1,"d":[null],"e":"\ud800"}`))
		f.Add(kind, []byte("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--x--\r\n"))
		f.Add(kind, []byte{0xff})
	}
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		values, err := posted(kind, body)
		if err != nil && values != nil {
			t.Errorf("%q and %v", values, err)
		}
	})
}

// FuzzRange: a query is a range that the domain takes, or a refusal.
func FuzzRange(f *testing.F) {
	for _, query := range []string{"", "before=5", "after=0&limit=100", "at=7", "before=1&after=2", "before=-1", "limit=0", "limit=101", "before=9223372036854775808", "before=+5", "before=5&before=6", "limit=1e2", "%", "before=%00", "before=٣"} {
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
					t.Errorf("%q: %d", query, *seq)
				}
			}
		}
		if given > 1 || r.Limit < 1 || r.Limit > chat.MaxPage {
			t.Errorf("%q is %+v", query, r)
		}
	})
}
