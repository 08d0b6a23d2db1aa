// Menu: Escape closes an open menu and returns the focus to its button. A click elsewhere closes it
// too, and still reaches its target. When a list is replaced while one of its menus is open, the
// menu stays open and keeps the focus, unless the replacement answers a choice in that menu.

const focusable = menu => [...menu.querySelectorAll('summary, a, button')]
const foldable = menu => [menu, ...menu.querySelectorAll('details')]

export function manageMenus() {
  const openMenus = () => document.querySelectorAll('.menu[open]')
  addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape') return
    for (const menu of openMenus()) {
      menu.open = false
      menu.querySelector('summary').focus()
    }
  })
  addEventListener('click', ({ target }) => {
    for (const menu of openMenus()) if (!menu.contains(target)) menu.open = false
  })

  // saved is the open menu's state: the id of its row, what is unfolded, and the index of the
  // focused element.
  let saved = null
  addEventListener('htmx:beforeSwap', ({ detail }) => {
    const menu = detail.target.querySelector('.menu[open]')
    const chosen = !menu || menu.contains(detail.requestConfig.elt)
    saved = chosen ? null : {
      row: menu.closest('[id]').id,
      unfolded: foldable(menu).map(fold => fold.open),
      focus: focusable(menu).indexOf(document.activeElement),
    }
  })
  addEventListener('htmx:afterSwap', () => {
    const menu = saved && document.getElementById(saved.row)?.querySelector('.menu')
    if (menu) {
      foldable(menu).forEach((fold, i) => (fold.open = saved.unfolded[i] ?? false))
      focusable(menu)[saved.focus]?.focus()
    }
    saved = null
  })
}
