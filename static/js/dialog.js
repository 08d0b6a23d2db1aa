// Dialog: opens dialogs in browsers without command and commandfor.
export function openDialogs(root) {
  if ('command' in HTMLButtonElement.prototype) return
  root.addEventListener('click', ({ target }) => {
    const id = target.closest('[command="show-modal"]')?.getAttribute('commandfor')
    if (id) document.getElementById(id).showModal()
  })
}
