package openid

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"

	"github.com/golang-jwt/jwt/v5"
)

// Forgery is an id_token that can be changed before it is signed.
type Forgery struct {
	Claims jwt.MapClaims
	Method jwt.SigningMethod
	Key    any
	Header map[string]any
}

// ForgeTokens calls f with every further id_token; nil ends this.
func (p *Provider) ForgeTokens(f func(*Forgery)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forgery = f
}

// token answers the token endpoint, with a forged id_token after ForgeTokens.
func (p *Provider) token(w http.ResponseWriter, r *http.Request, next http.Handler) {
	rec := httptest.NewRecorder()
	next.ServeHTTP(rec, r)
	body := rec.Body.Bytes()
	if p.forgery != nil && rec.Code == http.StatusOK {
		var err error
		if body, err = p.forge(body); err != nil {
			p.t.Errorf("forging an id_token: %v", err)
		}
	}

	maps.Copy(w.Header(), rec.Header())
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(rec.Code)
	_, _ = w.Write(body) // fails if the client has disconnected
}

// forge replaces the id_token in the response of the token endpoint.
func (p *Provider) forge(response []byte) ([]byte, error) {
	var fields map[string]any
	if err := json.Unmarshal(response, &fields); err != nil {
		return response, err
	}

	f := &Forgery{Claims: jwt.MapClaims{}, Method: jwt.SigningMethodRS256, Key: p.oidc.Keypair.PrivateKey}
	genuine, _, err := jwt.NewParser().ParseUnverified(fields["id_token"].(string), f.Claims)
	if err != nil {
		return response, err
	}

	f.Header = genuine.Header
	p.forgery(f)
	forged := jwt.NewWithClaims(f.Method, f.Claims)
	f.Header["alg"] = f.Method.Alg()
	forged.Header = f.Header
	if fields["id_token"], err = forged.SignedString(f.Key); err != nil {
		return response, err
	}
	return json.Marshal(fields)
}
