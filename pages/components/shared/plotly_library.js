export default function ({ data }) {
  import(new URL(data.address, document.baseURI).href)
}
