package main

import (
	"bytes"
	"fmt"
	"os"
	"text/template"

	"parley/test/browser"
)

// screenshot is a picture of a page on the contact sheet.
type screenshot struct {
	Page  string
	Width int64
	Theme browser.Theme
}

// File is the name of the picture's file.
func (s screenshot) File() string { return fmt.Sprintf("%s-%d-%s.png", s.Page, s.Width, s.Theme) }

// writeContactSheet writes an HTML page with all pictures.
func writeContactSheet(file string, screenshots []screenshot) error {
	var b bytes.Buffer
	if err := contactSheet.Execute(&b, screenshots); err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}

var contactSheet = template.Must(template.New("sheet").Parse(`<!doctype html>
<meta charset="utf-8">
<title>Parley, page by page</title>
<style>
body {
	margin: 2rem; background: #888; font: 14px/1.5 system-ui;
	display: grid; grid-template-columns: 1fr 1fr 2fr 2fr 3fr 3fr; gap: 1rem; align-items: start
}
figure { margin: 0 }
img { width: 100%; max-height: 40rem; object-fit: cover; object-position: top; display: block }
</style>
{{range .}}<figure><a href="{{.File}}"><img src="{{.File}}" alt="" loading="lazy"></a>
<figcaption>{{.Page}}, {{.Width}}, {{.Theme}}</figcaption></figure>
{{end}}`))
