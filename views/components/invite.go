package components

import (
	"fmt"
	"strings"
	"time"

	"rsc.io/qr"
)

// Invite is a person's invite link.
type Invite struct {
	URL       string
	ExpiresAt time.Time // in the viewer's zone
}

// until tells when the link expires.
func (i Invite) until() string { return i.ExpiresAt.Format("Monday, 2 January, 15:04") }

// quietZone is the width of the light border that QR readers need, in modules.
const quietZone = 4

// qrCode is a QR code as an SVG drawing of one unit per module.
type qrCode struct{ *qr.Code }

// encodeQR returns the code of a text, or an empty one of a text that is too long for any.
func encodeQR(text string) qrCode {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return qrCode{&qr.Code{}}
	}
	return qrCode{code}
}

func (c qrCode) viewBox() string {
	side := c.Size + 2*quietZone
	return fmt.Sprintf("%d %d %d %d", -quietZone, -quietZone, side, side)
}

// path draws a line for each run of dark modules in a row.
func (c qrCode) path() string {
	var b strings.Builder
	for y := range c.Size {
		for x := 0; x < c.Size; x++ {
			from := x
			for x < c.Size && c.Black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h%dz", from, y, x-from, from-x)
			}
		}
	}
	return b.String()
}
