const MONTH = 30 * 86_400 // seconds

// What another tab has noted meanwhile stays.
export default function ({ data: { cookie, noted, most } }) {
  const [, kept = ""] = document.cookie.match(`(?:^|; )${cookie}=([^;]*)`) ?? []
  const others = kept.split(".").filter((id) => id && !noted.includes(id))
  const ids = [...others, ...noted].slice(-most).join(".")
  document.cookie = `${cookie}=${ids}; Path=/; Max-Age=${MONTH}; SameSite=Strict`
}
