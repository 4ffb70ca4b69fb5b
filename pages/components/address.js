// A page is one entry of the browser's history: Back and Forward go from page to page, one press each.
//
// Streamlit makes an entry whenever a page writes to its address, and it writes the address of the next page
// under the name of the one that is left, since it draws the name a moment later. Here an entry is made when
// the way to another page begins: at the click on a link, or where an address names its page (`marker`).
// What is written later changes that entry.

const APP = "[data-testid=stApp][data-test-connection-state=CONNECTED]"
const LINKS = "a[data-testid=stPageLink-NavLink], a[data-testid=stTopNavLink], a[data-testid=stSidebarNavLink]"

function keepHistory(marker) {
  const push = history.pushState.bind(history)
  const replace = history.replaceState.bind(history)
  const left = new Set() // paths of pages whose names may still be drawn, too late
  let here = location.pathname

  const leave = () => {
    left.add(here)
    here = location.pathname
    left.delete(here)
  }

  const open = (to, state = {}) => {
    push(state, "", to)
    leave()
  }

  const write = (state, unused, url) => {
    const to = new URL(url ?? location.href, location.href)
    const page = to.searchParams.get(marker)
    if (page !== null) {
      to.searchParams.delete(marker)
      to.pathname = to.pathname.replace(/[^/]*$/, page)
    }
    if (to.pathname === location.pathname) replace(state, unused, to)
    else if (page !== null || !left.has(to.pathname)) open(to, state)
  }
  history.pushState = write
  history.replaceState = write

  const follow = (event) => {
    const link = event.target.closest?.(LINKS)
    const opensHere = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || link?.target)
    if (!link || !opensHere || link.hasAttribute("disabled") || !document.querySelector(APP)) return
    const to = new URL(link.href)
    if (to.pathname !== location.pathname) open(to)
  }
  document.addEventListener("click", follow, { capture: true })
  window.addEventListener("popstate", leave, { capture: true })
}

export default function ({ data }) {
  if (window.gatescopeHistory) return
  window.gatescopeHistory = true
  keepHistory(data.marker)
}
