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
)

// readFields calls fields with a body of a content type. Then it overwrites the request's
// bytes, as the connection's next request does.
func readFields(contentType string, body []byte) (map[string]string, error) {
	app := fiber.New()
	var request fasthttp.RequestCtx
	request.Request.Header.SetMethod(fiber.MethodPost)
	request.Request.Header.SetContentType(contentType)
	request.Request.SetBody(body)
	c := app.AcquireCtx(&request)
	defer app.ReleaseCtx(c)
	values, err := fields(c)
	clear(request.Request.Body())
	return values, err
}

// FuzzFields checks that the three content types carry the same values.
func FuzzFields(f *testing.F) {
	for _, s := range []string{
		"", "hi", "a+b&c=d;e%20", "\r\n--x--\r\n", `{"a":"b"}`, "\x00", "🎹 שלום", "%zz%", "\"\\\u2028", "a\r\nb",
	} {
		f.Add("body", s)
		f.Add(s, "body")
	}

	f.Fuzz(func(t *testing.T, name, value string) {
		if name == "" || !utf8.ValidString(name) || !utf8.ValidString(value) {
			return
		}

		want := map[string]string{name: value}
		got, err := readFields(fiber.MIMEApplicationForm, []byte(url.Values{name: {value}}.Encode()))
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("urlencoded: got %q, %v, want %q", got, err, want)
		}

		object, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if got, err = readFields(fiber.MIMEApplicationJSON, object); err != nil || !maps.Equal(got, want) {
			t.Errorf("JSON: got %q, %v, want %q", got, err, want)
		}

		var b bytes.Buffer
		form := multipart.NewWriter(&b)
		if err := form.WriteField("body", value); err != nil {
			t.Fatal(err)
		}
		if err := form.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err = readFields(form.FormDataContentType(), b.Bytes()); err != nil || got["body"] != value {
			t.Errorf("multipart: got %q, %v, want %q", got, err, value)
		}
	})
}

// FuzzForms checks that any bytes of any type give either values or an error.
func FuzzForms(f *testing.F) {
	for _, contentType := range []string{
		fiber.MIMEApplicationForm,
		fiber.MIMEApplicationJSON,
		"multipart/form-data; boundary=x",
		"multipart/form-data",
		"",
		"text/plain",
		"APPLICATION/JSON ; charset=x",
	} {
		f.Add(contentType, []byte("a=b&a=c&%"))
		f.Add(contentType, []byte(`{"a":"b","c":1,"d":[null],"e":"\ud800"}`))
		f.Add(contentType, []byte("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--x--\r\n"))
		f.Add(contentType, []byte{0xff})
	}

	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		values, err := readFields(contentType, body)
		if err != nil && values != nil {
			t.Errorf("both values %q and an error: %v", values, err)
		}
	})
}
