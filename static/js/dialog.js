// Dialog: opens them where the browser doesn't know command and commandfor yet.
export function openDialogs(root) {
  if ('command' in HTMLButtonElement.prototype) return
  root.addEventListener('click', ({ target }) => {
    const id = target.closest('[command="show-modal"]')?.getAttribute('commandfor')
    if (id) document.getElementById(id).showModal()
  })
}
