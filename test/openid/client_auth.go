package openid

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
)

// The methods by which a client authenticates at the token endpoint.
const (
	Basic = "client_secret_basic"
	Post  = "client_secret_post"
)

// AuthMethods sets which methods of Basic and Post the discovery document names (nil: it
// names none), and which the token endpoint accepts for this client. A refused client
// spends its code, as at some providers.
func (p *Provider) AuthMethods(announced []string, accepted ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.announced, p.accepted, p.spendCodes = announced, accepted, true
}

// discovery answers the discovery endpoint with the announced methods.
func (p *Provider) discovery(w http.ResponseWriter, r *http.Request, next http.Handler) {
	rec := httptest.NewRecorder()
	next.ServeHTTP(rec, r)
	document := map[string]any{}
	if err := json.Unmarshal(rec.Body.Bytes(), &document); err != nil {
		p.t.Errorf("discovery document: %v", err)
	}

	delete(document, "token_endpoint_auth_methods_supported")
	if p.announced != nil {
		document["token_endpoint_auth_methods_supported"] = p.announced
	}

	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(document) // fails if the client has disconnected
}

// authenticateClient refuses a client that doesn't use an accepted method. mockoidc only
// knows Post.
func (p *Provider) authenticateClient(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}

	used := Post
	if id, secret, ok := r.BasicAuth(); ok {
		used = Basic
		id, _ = url.QueryUnescape(id)
		secret, _ = url.QueryUnescape(secret)
		r.Form.Set("client_id", id)
		r.Form.Set("client_secret", secret)
	}

	refused := !slices.Contains(p.accepted, used)
	if refused && p.spendCodes {
		r.Form.Set("client_id", ClientID)
		r.Form.Set("client_secret", ClientSecret)
	}

	body := strings.NewReader(r.Form.Encode())
	inner := httptest.NewRequest(http.MethodPost, r.URL.String(), body)
	inner.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if !refused {
		next.ServeHTTP(w, inner)
		return
	}

	if p.spendCodes {
		next.ServeHTTP(httptest.NewRecorder(), inner)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusUnauthorized)
	_, _ = w.Write([]byte(`{"error":"invalid_client"}`))
}
