// HTML: fragments of the server and of scripts.

// parse returns a fragment's elements.
export function parse(html) {
  const template = document.createElement('template')
  template.innerHTML = html
  return template.content
}
