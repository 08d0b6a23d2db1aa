// request asks our server as the contract in conversation.js has it; with fields it posts. It throws when no answer comes in 15 s. A post
// goes on when the page is left.
export function request(url, fields) {
  return fetch(url, {
    method: fields ? 'POST' : 'GET',
    body: fields && new URLSearchParams(fields),
    keepalive: !!fields,
    headers: { 'HX-Request': 'true', Accept: 'text/html, application/problem+json' },
    signal: AbortSignal.timeout(15e3),
  })
}
