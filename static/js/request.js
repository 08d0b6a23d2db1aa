// request sends a request to Parley as docs/page-contract.md describes; with fields it posts them.
// It throws when no answer arrives within 15 s. A post continues after the page is closed.
export async function request(url, fields) {
  try {
    return await fetch(url, {
      method: fields ? 'POST' : 'GET',
      body: fields && new URLSearchParams(fields),
      keepalive: !!fields,
      headers: { 'HX-Request': 'true', Accept: 'text/html, application/problem+json' },
      signal: AbortSignal.timeout(15e3),
    })
  } catch (error) {
    globalThis.dispatchEvent?.(new Event('unanswered')) // the stream may be as dead as this request
    throw error
  }
}
