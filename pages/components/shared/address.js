// A page is one entry of the browser's history: Back and Forward go from page to page, one press each.
//
// Streamlit makes an entry whenever a page writes to its address, and it writes the address of the next page
// under the name of the one that is left, since it draws the name a moment later. Here an entry is made when
// the way to another page begins: at the click on a link, or where an address names its page (`marker`).
// What is written later changes that entry.

const PATIENCE = 2000 // milliseconds, at first

const nameAt = ({ pathname }) => pathname.split("/").pop()

// `marker` names a page in an address; `pages` are all there are, Home without a name.
function keepHistory(marker, pages) {
  const push = history.pushState.bind(history)
  const replace = history.replaceState.bind(history)
  const left = new Set() // paths of pages whose names may still be drawn, too late
  let here = location.pathname
  let drawn = null // the page that stands there
  let waiting = 0
  let patience = PATIENCE

  // An address that names no page is that of Home, in a folder of its own.
  const isDrawn = () => {
    const asked = nameAt(location)
    return drawn === null || drawn === asked || !pages.includes(asked)
  }

  // Streamlit notes the page that was asked for once for all runs of a session, so a run of the page that is
  // left can put its own there, where a timer starts it just then. Then the page is asked for again.
  const expectPage = () => {
    window.clearTimeout(waiting)
    waiting = window.setTimeout(() => {
      if (isDrawn()) return
      if (isDisconnected() || isDrawing()) return expectPage()
      patience *= 2 // one that begins slowly, unseen, must not be asked for again and again
      window.dispatchEvent(new PopStateEvent("popstate"))
    }, patience)
  }

  const leave = () => {
    left.add(here)
    here = location.pathname
    left.delete(here)
    expectPage()
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
      drawn = page
    }
    if (to.pathname === location.pathname) {
      if (isDrawn()) replace(state, unused, to) // else it is the page left that writes
    } else if (page !== null || !left.has(to.pathname)) open(to, state)
  }
  history.pushState = write
  history.replaceState = write

  const follow = (event) => {
    const link = event.target.closest?.("a[href]")
    const opensHere = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || link?.target)
    if (!link || !opensHere || link.hasAttribute("disabled") || isDisconnected()) return
    const to = new URL(link.href)
    const isOfOurs = to.origin === location.origin && pages.includes(nameAt(to))
    if (isOfOurs && to.pathname !== location.pathname) open(to)
  }
  document.addEventListener("click", follow, { capture: true })
  window.addEventListener("popstate", leave, { capture: true })

  return (page) => {
    drawn = page
    patience = PATIENCE
  }
}

export default function ({ data }) {
  window.gatescopeDrawn ??= keepHistory(data.marker, data.pages)
  window.gatescopeDrawn(data.page)
}
