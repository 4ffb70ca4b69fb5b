// Stands in for the script of a component that comes from the server once (served.py), at this address.
export default async function (given) {
  const { show } = await import(new URL(ADDRESS, document.baseURI).href)
  return show(given)
}
