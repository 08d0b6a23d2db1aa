// Rank: finds names by some of their letters, for the switcher and the emoji.

// folded returns a text in lower case and without accents, as it is compared.
export const folded = text => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

// score tells how well a name fits a query: 4 begins with it, 3 one of its words does, 2 all words of
// the query begin words of it, 1 contains it, 0 doesn't fit. Every name fits an empty query.
export function score(name, query) {
  const text = folded(name)
  const asked = folded(query).trim()
  if (text.startsWith(asked)) return 4
  const words = text.split(/[\s_-]+/)
  if (words.some(word => word.startsWith(asked))) return 3
  if (asked.split(/\s+/).every(part => words.some(word => word.startsWith(part)))) return 2
  return +text.includes(asked)
}

// best returns the items that fit a query, the best first and otherwise in their order, at most max.
// namesOf returns the names of an item.
export function best(items, query, max, namesOf = item => [item.name]) {
  const scored = items.map(item => [item, Math.max(...namesOf(item).map(name => score(name, query)))])
  return scored.filter(([, points]) => points).sort((a, b) => b[1] - a[1]).slice(0, max).map(([item]) => item)
}
