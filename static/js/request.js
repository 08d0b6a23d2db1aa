// request sends a request to Parley as docs/page-contract.md describes; with fields it posts them.
// It throws when no answer arrives within 15 s. A post continues after the page is closed.
export function request(url, fields) {
  return fetch(url, {
    method: fields ? 'POST' : 'GET',
    body: fields && new URLSearchParams(fields),
    keepalive: !!fields,
    headers: { 'HX-Request': 'true', Accept: 'text/html, application/problem+json' },
    signal: AbortSignal.timeout(15e3),
  })
}
