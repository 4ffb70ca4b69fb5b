// Stands in for the script of a component that comes from the server once (served.py), at this address. Where the
// browser can't have it, Python gets to know.
let loaded

export default async function (given) {
  loaded ??= import(new URL(ADDRESS, document.baseURI).href).catch(() => given.setTriggerValue("missing", true))
  return (await loaded)?.show(given)
}
