// What can come next: the probability that the network gives each symbol beside the true one, as bars and numbers.

import { visible } from "../../text/visible.js"
import { percent } from "../words.js"
import { NONE } from "./digits.js"
import { make, setStyle, setText } from "../dom.js"

export function makeBars(container) {
  const [title, aside] = [make("div", { class: "chart-title" }), make("div", { class: "chart-aside" })]
  const table = make("table", { class: "bars" })
  const root = make("div", { class: "chart" }, make("div", { class: "chart-head" }, title, aside), table)
  container.append(root)
  return {
    // `came` is the place of the symbol that came in the end, `allowed` says which ones the rule lets come.
    update({ title: name, aside: more = "", names, network, truth = null, allowed = null, came = null }) {
      setText(title, name)
      setText(aside, more)
      const heads = ["next", "the network", truth ? "the truth" : allowed ? "the rule" : ""].filter(Boolean)
      const head = make("tr", {}, ...heads.map((text) => make("th", { scope: "col" }, text)))
      const rows = names.map((symbol, place) => {
        const row = make("tr", place === came ? { class: "came" } : {})
        row.append(make("th", { scope: "row" }, make("bdi", {}, visible(symbol)), place === came ? " came" : ""))
        row.append(bar(network[place], "network"))
        if (truth) row.append(bar(truth[place], "truth"))
        else if (allowed) row.append(make("td", {}, allowed[place] ? "allowed" : "not allowed"))
        return row
      })
      table.setAttribute("aria-label", name)
      table.replaceChildren(make("thead", {}, head), make("tbody", {}, ...rows))
    },
  }
}

function bar(share, kind) {
  const width = `${100 * (Number.isFinite(share) ? share : 0)}%`
  const filled = setStyle(make("i", { class: `bar-${kind}` }), { width })
  const text = make("span", { class: "bar-share" }, written(share, kind === "truth"))
  return make("td", {}, make("div", { class: "bar" }, make("span", { class: "bar-room" }, filled), text))
}

// A truth may be 0 or 1, which a network never says.
function written(share, isTruth) {
  if (!Number.isFinite(share)) return NONE
  return isTruth && (share === 0 || share === 1) ? `${100 * share}%` : percent(share)
}
