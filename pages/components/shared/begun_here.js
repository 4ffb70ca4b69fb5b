const MONTH = 30 * 86_400 // seconds

export default function ({ data }) {
  document.cookie = `${data.cookie}; Path=/; Max-Age=${MONTH}; SameSite=Strict`
}
