// Menu: Escape closes an open menu and gives the focus back; so does a click elsewhere, which goes where it was aimed.

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
}
