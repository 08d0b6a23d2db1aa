// Menu: Escape closes an open menu and gives the focus back; so does a click elsewhere, which goes where it was aimed. A list that comes anew while one
// of its menus is open leaves it open, with the focus where it was, unless it comes in answer to what was chosen there.

const stops = menu => [...menu.querySelectorAll('summary, a, button')]
const folds = menu => [menu, ...menu.querySelectorAll('details')]

export function menus() {
  const open = () => document.querySelectorAll('.menu[open]')
  addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape') return
    for (const menu of open()) {
      menu.open = false
      menu.querySelector('summary').focus()
    }
  })
  addEventListener('click', ({ target }) => {
    for (const menu of open()) if (!menu.contains(target)) menu.open = false
  })

  let kept = null // the row whose menu is open, what of it is unfolded, and where in it the focus is
  addEventListener('htmx:beforeSwap', ({ detail }) => {
    const menu = detail.target.querySelector('.menu[open]')
    const chosen = !menu || menu.contains(detail.requestConfig.elt)
    kept = chosen ? null : { row: menu.closest('[id]').id, unfolded: folds(menu).map(fold => fold.open), focus: stops(menu).indexOf(document.activeElement) }
  })
  addEventListener('htmx:afterSwap', () => {
    const menu = kept && document.getElementById(kept.row)?.querySelector('.menu')
    if (menu) {
      folds(menu).forEach((fold, i) => (fold.open = kept.unfolded[i] ?? false))
      stops(menu)[kept.focus]?.focus()
    }
    kept = null
  })
}
