// Stands in for the script of a component that comes from the server once (served.py), at this address. Python is told
// where the browser can't have it.
let loaded

export default async function (given) {
  loaded ??= import(new URL(ADDRESS, document.baseURI).href).catch(() => given.setTriggerValue("missing", true))
  return (await loaded)?.show(given)
}
