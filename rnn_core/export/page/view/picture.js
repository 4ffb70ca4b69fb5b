// The picture of one network along a text: token strip, verdict or surprise, norms, gates, units.

import { makeBars } from "./charts/bars.js"
import { makeHeat } from "./charts/heat.js"
import { makeLines } from "./charts/lines.js"
import { makeStrip } from "./charts/strip.js"
import { classColours } from "./answer.js"
import { choice, element, find, show } from "./dom.js"
import { insideInWords, nextInWords } from "./sentences.js"
import { inSight, labelsOf, meansAlong, normsAlong, placesOf } from "./trace.js"
import { number, percent, plural, shorten } from "./words.js"

const VERDICT_HEIGHT = 92
const NORM_HEIGHT = 62
const GATES_HEIGHT = 100
const STRIP_HEIGHT = 100
const DASHES = ["solid", "dash", "dot"]
const LONGEST_NAME = 30

export function makePicture(section, data, cursor, { onLetter, onUnit }) {
  const isOfNext = data.task === "next-symbol"
  const charts = find(section, ".charts")
  const states = data.symbols.filter(({ letter }) => data.memories.includes(letter))
  const shares = data.symbols.filter((symbol) => symbol.isShare)
  const strip = makeStrip(find(section, ".tokens"), { cursor, height: STRIP_HEIGHT })

  const first = add(charts, explainFirst(data))
  const verdict = makeLines(first, { cursor, height: VERDICT_HEIGHT })
  const normCharts = states.map((state) => [
    state,
    makeLines(add(charts, explainNorm(data, state)), { cursor, height: NORM_HEIGHT }),
  ])
  const gates = shares.length ? makeLines(add(charts, explainGates(shares)), { cursor, height: GATES_HEIGHT }) : null
  const units = add(charts, "")
  const explained = find(units, ".explains")
  const heat = makeHeat(find(units, ".drawn"), { cursor, labels: true, onUnit })
  const markLetter = choice(
    find(section, ".shown"),
    "",
    data.symbols.map(({ letter, title, meaning }) => ({
      value: letter,
      label: title,
      title: `${letter} is ${meaning}`,
    })),
    onLetter,
  )

  function add(container, words) {
    const drawn = element("div", "drawn")
    const block = element("div", "block", drawn, element("p", "explains", words))
    container.append(block)
    return words === "" ? block : drawn
  }

  // `seen`: {read, free, held, along, heldAlong, next, heldNext, end, followed, letter, unit, layers}
  function update(seen) {
    const { read, free } = seen
    const tokens = labelsOf(read)
    updateStrip(seen, tokens)
    if (isOfNext) drawSurprise(seen, tokens)
    else drawVerdict(seen, tokens)
    for (const [state, chart] of normCharts) drawNorm(chart, state, seen, tokens)
    const means = shares.map((symbol) => ({
      symbol,
      name: symbol.name,
      ...meansAlong(free.arrays[symbol.letter], free.T, free.H),
    }))
    if (gates !== null) drawGates(seen, tokens, means)
    drawUnits(seen, tokens)
    find(section, ".says").textContent = sentence(seen, tokens, means)
    find(section, ".notes").replaceChildren(...notes(data, read))
  }

  function updateStrip({ read, along, followed, next, free }, tokens) {
    const rest = { read, unit: data.tokenNoun, rightToLeft: read.rightToLeft }
    if (isOfNext) {
      const surprise = Float32Array.from({ length: free.T }, (_, time) =>
        time && Number.isFinite(next.surprise[time - 1]) ? next.surprise[time - 1] : 0,
      )
      const full = (bits) => `a surprise of ${bits} bits, the largest here`
      strip.update({
        ...rest,
        changes: surprise,
        ways: { up: "surprised the network", down: "" },
        effect: "surprise in bits",
        full,
        turns: new Map(),
      })
      return
    }
    const name = shorten(data.classes[followed], LONGEST_NAME)
    const isOfTwo = data.classes.length === 2
    const ways = {
      up: `towards ${name}`,
      down: isOfTwo ? `towards ${shorten(data.classes[1 - followed], LONGEST_NAME)}` : `away from ${name}`,
    }
    const full = (change) => `the logit moved by ${change} at that token`
    const turns = new Map((along?.turns ?? []).map(({ time, to }) => [time, data.classes[to]]))
    strip.update({
      ...rest,
      changes: along?.moves ?? new Float32Array(tokens.length),
      ways,
      effect: "logit",
      full,
      turns,
    })
  }

  function drawVerdict({ along, heldAlong, end, followed, free }, tokens) {
    const colourOf = classColours(data, end, followed)
    const isOfTwo = data.classes.length === 2
    const name = shorten(data.classes[followed], LONGEST_NAME)
    const waiting = new Float32Array(free.T).fill(NaN)
    const fill = isOfTwo ? { base: 0.5, above: "var(--positive)", below: "var(--negative)" } : null
    const colour = isOfTwo ? "var(--text)" : colourOf(followed)
    const series = [
      { name, values: along?.followed ?? waiting, colour, width: isOfTwo ? 1.6 : 2.2, fill, format: percent },
    ]
    if (!isOfTwo && along !== null) {
      inSight(data, end, followed)
        .slice(1)
        .forEach((place, at) => {
          const label = shorten(data.classes[place], LONGEST_NAME)
          series.push({
            name: label,
            values: along.of(place),
            colour: colourOf(place),
            dash: DASHES[at + 1],
            width: 1.3,
            format: percent,
          })
        })
    }
    if (heldAlong)
      series.push(overlay({ name: `${name}, held`, values: heldAlong.followed, colour, format: percent }))
    const marks = (along?.turns ?? []).map(({ time, to }) => ({
      time,
      value: isOfTwo ? along.followed[time] : along.of(to)[time],
      colour: colourOf(to),
      text: `turns the verdict to ${data.classes[to]}`,
    }))
    verdict.update({
      title: "Verdict after each token",
      aside: along === null ? "each token is read again from both sides" : `probability of ${name}`,
      tokens,
      series,
      range: [0, 1],
      ticks: [0, 0.5, 1],
      tickFormat: wholeTick,
      marks,
      sentence:
        along === null
          ? "The verdict after each token is being computed."
          : `Probability of ${name} after each of ${tokens.length} tokens; it ends at ${percent(along.followed[free.T - 1])}.`,
    })
  }

  function drawSurprise({ next, heldNext }, tokens) {
    const bits = (value) => `${value.toFixed(2)} bits`
    const known = [...next.surprise, ...next.trueSurprise, ...(heldNext?.surprise ?? [])].filter(Number.isFinite)
    const top = Math.max(1, ...known) * 1.08
    const series = []
    if (next.along !== null)
      series.push({
        name: "truth",
        values: finite(next.trueSurprise),
        colour: "var(--muted)",
        dash: "dot",
        width: 3.5,
        format: bits,
      })
    series.push({ name: "network", values: finite(next.surprise), colour: "var(--text)", width: 1.6, format: bits })
    if (heldNext)
      series.push(
        overlay({ name: "network, held", values: finite(heldNext.surprise), colour: "var(--text)", format: bits }),
      )
    const marks = next.right.flatMap((is, time) =>
      is || !next.isJudged[time] || !Number.isFinite(next.surprise[time])
        ? []
        : [
            {
              time,
              value: next.surprise[time],
              colour: "var(--negative)",
              text: `wrong: it expects ${next.expected[time]}`,
            },
          ],
    )
    verdict.update({
      title: "Surprise at what comes next",
      aside: "bits; diamonds: wrong",
      tokens,
      series,
      range: [0, top],
      marks,
      sentence: `Surprise at each of ${tokens.length} time steps.`,
    })
  }

  function drawNorm(chart, state, { free, held }, tokens) {
    const { norm, change } = normsAlong(free.arrays[state.letter], free.T, free.H)
    const [mark, delta] = [`\u2016${state.letter}\u2016`, `\u2016\u0394${state.letter}\u2016`]
    const series = [
      {
        name: delta,
        values: change,
        colour: state.colour,
        width: 1,
        fill: { base: 0, above: state.colour, below: state.colour },
      },
      { name: mark, values: norm, colour: state.colour, dash: state.dash, width: 2.2 },
    ]
    let top = Math.max(1e-6, ...norm, ...change)
    if (held) {
      const values = normsAlong(held.arrays[state.letter], held.T, held.H).norm
      series.push(overlay({ name: `${mark} held`, values, colour: state.colour }, state.dash))
      top = Math.max(top, ...values)
    }
    const title = `Norm of the ${state.name.replace(` ${state.letter}`, "")} ${state.letter}`
    chart.update({
      title,
      aside: "filled: change at each token",
      tokens,
      series,
      range: [0, 1.08 * top],
      sentence: `${title} after each token.`,
    })
  }

  function drawGates({ held }, tokens, means) {
    const series = means.map(({ symbol, mean, low, high }) => ({
      name: symbol.letter,
      label: `${symbol.letter} ${symbol.role}`,
      values: mean,
      colour: symbol.colour,
      dash: symbol.dash,
      width: 2.2,
      band: { low, high },
    }))
    if (held) {
      for (const { symbol } of means) {
        const values = meansAlong(held.arrays[symbol.letter], held.T, held.H).mean
        series.push(overlay({ name: `${symbol.letter} held`, values, colour: symbol.colour }, symbol.dash))
      }
    }
    const title = shares.some((symbol) => symbol.isGate) ? "Gates" : "Seen between 0 and 1"
    gates.update({
      title,
      aside: "mean, 10\u201390 % of units",
      tokens,
      series,
      range: [0, 1],
      ticks: [0, 0.5, 1],
      sentence: `Mean of ${means.map(({ name }) => name).join(", ")} at each token.`,
    })
  }

  function drawUnits({ free, held, letter, unit }, tokens) {
    const shown = data.symbols.find((symbol) => symbol.letter === letter)
    const { T, H, arrays } = held ?? free
    const aside = held ? "with what is held" : ""
    heat.update({
      title: `Units of ${letter}, ${shown.name}`,
      aside,
      tokens,
      values: arrays[letter],
      T,
      H,
      bounds: shown.bounds?.every((bound) => bound !== null) ? shown.bounds : null,
      isShare: shown.isShare,
      colour: shown.colour,
      unit,
      sentence: `Each of ${H} units of ${letter} at each of ${T} time steps.`,
    })
    explained.textContent = `A row is a unit, a column a token. ${letter} is ${shown.meaning}.`
    markLetter(letter)
  }

  function sentence({ along, next, followed }, tokens, means) {
    if (isOfNext) return nextInWords(tokens, next)
    const moving = means.filter(({ symbol }) => symbol.isGate)
    return along === null ? "" : insideInWords(tokens, along, data.classes, followed, moving)
  }

  return { update, states, shares }
}

// The line of the reading with what is held: dashed, or dotted where the other one is dashed.
function overlay(series, other = "solid") {
  return { ...series, dash: other === "solid" ? "dash" : "dot", width: 2 }
}

function wholeTick(share) {
  return `${Math.round(100 * share)}%`
}

function finite(values) {
  return values.map((value) => (Number.isFinite(value) ? value : NaN))
}

function explainFirst(data) {
  if (data.task === "next-symbol") {
    return (
      "How improbable the network found what came next: 0 bits where it was sure of it, a bit more each time the " +
      "probability halves. Where the rule leaves a choice, even its truth (dotted) is surprised."
    )
  }
  const halves = data.classes.length === 2 ? " At 50% it is undecided." : ""
  return `What the network would say if the text ended here.${halves} A diamond marks a token that turned the verdict.`
}

function explainNorm(data, state) {
  if (state.letter !== "h") return `${state.letter} is ${state.meaning}.`
  return `What the network remembers is h, ${plural(data.model.hidden_size, "number")}. Their norm says how much there is in memory.`
}

function explainGates(shares) {
  const said = shares.map((symbol) => `${symbol.letter} (${symbol.name}): ${symbol.meaning}`)
  return `From 0, shut, to 1, open. ${said.join(". ")}.`
}

// What is special about the tokens of this text, each explained where it is met.
function notes(data, read) {
  const said = []
  const unit = data.tokenNoun
  const cut = read.tokens.length - (read.kept[1] - read.kept[0])
  const unknown = read.unknown.slice(...read.kept).filter(Boolean).length
  if (unknown) {
    const which = unknown === 1 ? `One ${unit} is` : `${number(unknown)} ${unit}s are`
    said.push(
      element(
        "span",
        "",
        `${which} not in the vocabulary that the network learned (dotted): it reads `,
        element("code", "", "<unk>"),
        " there. ",
      ),
    )
  }
  if (cut) {
    const side = data.text.truncation === "pre" ? "first" : "last"
    said.push(
      element(
        "span",
        "",
        `The network reads at most ${plural(data.text.max_length, "token")}: the ${side} ${number(cut)} of ${number(read.tokens.length)} ${unit}s are cut off (struck through). `,
      ),
    )
  }
  if (placesOf(read).some((place, time) => place === null && read.window[time] === "<pad>")) {
    said.push(element("span", "", element("code", "", "<pad>"), " fills the window up; this network reads it, too. "))
  }
  return said
}

// The table of what comes next at the cursor.
export function makeNextTable(container) {
  const bars = makeBars(container, {})
  show(container, true)
  return (next, labels, time) => {
    const { names, K, shares, along } = next
    bars.update({
      title: "What comes next",
      aside: `after \u201c${shorten(labels[time], 12)}\u201d (time step ${time + 1})`,
      names,
      network: Float32Array.from(shares.subarray(time * K, (time + 1) * K)),
      truth: next.truthAt(time),
      allowed: along === null ? null : names.map((name) => along[time].allowed.includes(name)),
      came: next.came[time],
    })
  }
}
