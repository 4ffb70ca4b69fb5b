// It travels with each component: served.py says what it is for.
let loaded
const latest = new WeakMap()
const lacking = new WeakSet()

export default async function (given) {
  const { parentElement, setTriggerValue } = given
  const mine = {}
  latest.set(parentElement, mine)
  loaded ??= import(new URL(ADDRESS, document.baseURI).href)
  try {
    const end = (await loaded).show(given)
    return () => latest.get(parentElement) === mine && end?.()
  } catch (error) {
    if (!HAS_SUBSTITUTE) throw error
    console.error(error)
    if (!lacking.has(parentElement)) setTriggerValue("missing", true)
    lacking.add(parentElement)
  }
}
