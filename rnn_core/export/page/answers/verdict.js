// One verdict a text: in words, a number and a bar, and along the text the probability of the class that is followed.
// Of two classes that is the second one, of more the chosen or the predicted one.

import { argmax, DECIDED, logOdds, moves, probabilities, turns } from "../engine/verdict.js"
import { SAID } from "../said.js"
import { chipsOf } from "../view/charts/pieces.js"
import { drawClasses } from "../view/class_list.js"
import { element, find, setStyle, show, word } from "../view/dom.js"
import { overlay, wholeTick } from "../view/rows.js"
import { bothInWords, insideInWords } from "../view/sentences.js"
import { capital, counted, isolated, percent, plural, quoted, say, shorten, wholePercent } from "../view/words.js"

const LONGEST_NAME = 48
const LONGEST_LABEL = 30
const LONGEST_END = 24
const NEXT_CLASSES = 2 // so many are drawn beside the followed one, where there are more than two
const DASHES = ["dash", "dot"] // of these

const label = (name) => isolated(shorten(name ?? "", LONGEST_LABEL))

export const answer = {
  says({ classes, nouns }) {
    if (classes.length === 2) return `whether a ${nouns.described} is ${classes.map(label).join(" or ")}`
    return `which of ${classes.length} classes a ${nouns.described} belongs to`
  },

  make: (data, root, pick) => new Verdict(data, root, pick),
}

class Verdict {
  constructor(data, root, pick) {
    Object.assign(this, { data, root, pick, isOfTwo: data.classes.length === 2 })
  }

  // {end, the verdict after the last token; along, that after each, null as long as it is not known; followed, chosen}.
  find(_read, reading, chosen, beside) {
    const end = this.endOf(reading)
    const followed = beside?.followed ?? this.followedOf(end, chosen)
    return { end, chosen, followed, T: reading.T, along: this.alongOf(reading, followed) }
  }

  endOf({ last }) {
    const shares = probabilities(last, 1)
    const most = argmax(shares)
    return { shares, most, label: this.data.classes[most], share: shares[most] }
  }

  followedOf({ most }, chosen) {
    return this.isOfTwo ? 1 : (chosen ?? most)
  }

  alongOf({ answers, T }, followed) {
    if (answers === null) return null
    const shares = probabilities(answers, T)
    const K = shares.length / T
    const of = (place) => Float32Array.from({ length: T }, (_, time) => shares[time * K + place])
    return {
      of,
      followed: of(followed),
      moves: moves(answers, T, followed),
      odds: logOdds(answers, T, followed),
      turns: turns(answers, T),
      label: (time) => argmax(shares.subarray(time * K, (time + 1) * K)),
    }
  }

  // The classes that have a colour: the followed one, then the most probable others in the end.
  inSight(end, followed) {
    const others = this.byShare(end).filter((place) => place !== followed)
    return [followed, ...others.slice(0, NEXT_CLASSES)]
  }

  byShare({ shares }) {
    return this.data.classes.map((_, place) => place).sort((one, other) => shares[other] - shares[one])
  }

  colours(end, followed) {
    const colours = this.isOfTwo ? ["--positive", "--negative"] : ["--positive", "--shows", "--keeps"]
    const found = new Map(this.inSight(end, followed).map((place, at) => [place, `var(${colours[at]})`]))
    return (place) => found.get(place) ?? "var(--muted)"
  }

  // The time step that moved the verdict most; not the first one, before which there was none.
  telling({ along }) {
    if (along === null) return null // it comes with the last slice
    return along.moves.length > 1 ? 1 + argmax(along.moves.subarray(1).map(Math.abs)) : 0
  }

  explainsFirst() {
    const counts = `above ${wholePercent(DECIDED)} it counts`
    const from = this.isOfTwo ? `At 50% it is undecided, ${counts}.` : `${capital(counts)}.`
    return `What the network would say if the text ended here. ${from} Diamonds: tokens that turned it.`
  }

  explainsStrip({ followed }) {
    const [other, name] = [1 - followed, followed].map((place) => label(this.data.classes[place]))
    const below = this.isOfTwo ? `, below 0 for ${other}` : ""
    const noun = this.data.tokenNoun
    return `A colour says how far a ${noun} moved the logit, the verdict as a number: above 0 for ${name}${below}.`
  }

  strip(read, { along, followed }, tokens) {
    const { classes } = this.data
    const [name, other] = [followed, 1 - followed].map((place) => label(classes[place]))
    const turns = new Map((along?.turns ?? []).map(({ time, to }) => [time, classes[to]]))
    return {
      chips: chipsOf(read, along?.moves ?? new Float32Array(tokens.length), turns),
      ways: { up: say("towards", { name }), down: this.isOfTwo ? say("towards", { name: other }) : say("away", { name }) },
      says: { ...SAID.by_change, turned: say("turned", { share: wholePercent(DECIDED) }) },
    }
  }

  row({ end, along, followed, T }, held, tokens) {
    const { classes } = this.data
    const colourOf = this.colours(end, followed)
    const name = label(classes[followed])
    const colour = this.isOfTwo ? "var(--text)" : colourOf(followed)
    const format = (share) => (Number.isNaN(share) ? "" : percent(share))
    const fill = this.isOfTwo ? { base: 0.5, above: "var(--positive)", below: "var(--negative)" } : null
    const values = along?.followed ?? new Float32Array(T).fill(NaN)
    const series = [{ name, values, colour, width: this.isOfTwo ? 1.6 : 2.2, fill, format }]
    const others = this.isOfTwo || along === null ? [] : this.inSight(end, followed).slice(1)
    others.forEach((place, at) => {
      const line = { colour: colourOf(place), dash: DASHES[at], width: 1.3 }
      series.push({ name: label(classes[place]), values: along.of(place), ...line, format })
    })
    if (held?.along) series.push(overlay({ name: `${name}, held`, values: held.along.followed, colour, format }))
    const marks = (along?.turns ?? []).map(({ time, to }) => ({
      time,
      value: this.isOfTwo ? along.followed[time] : along.of(to)[time],
      colour: colourOf(to),
      text: say("turns_to", { name: isolated(classes[to]) }),
    }))
    const ends = along === null ? "It is being computed." : `It ends at ${percent(along.followed[T - 1])}.`
    return {
      title: "Verdict after each token",
      aside: along === null ? "each token is read again from both sides" : `probability of ${name}`,
      sentence: `Probability of ${name} after each of ${tokens.length} tokens. ${ends}`,
      tokens,
      series,
      marks,
      range: [0, 1],
      ticks: [0, 0.5, 1],
      tickFormat: wholeTick,
    }
  }

  inside({ along, followed }, tokens, gates) {
    return along ? insideInWords(tokens, along, this.data.classes, followed, gates) : ""
  }

  drawEnd({ found: { end, chosen, followed, T } }) {
    const heading = `The verdict in the end, after ${plural(T, "time step")}`
    find(this.root, ".end").replaceChildren(this.box(end, chosen, heading))
    if (!this.isOfTwo) this.listClasses(find(this.root, ".classes"), end, chosen, followed)
  }

  held({ found: { end, chosen }, heldFound }, heading) {
    const without = ` (without: ${label(end.label)} ${percent(end.share)})`
    return this.box(heldFound.end, chosen, heading + without, true)
  }

  // The box of a verdict; `heading` says which reading it is of.
  box(end, chosen, heading, isHeld = false) {
    const name = element("bdi", "word", shorten(end.label, LONGEST_NAME))
    const line = element("div", "line", name, " ", element("span", "share", percent(end.share)))
    const box = element("div", isHeld ? "verdict held" : "verdict", element("div", "heading", heading), line)
    box.append(this.bar(end, isHeld))
    Object.assign(box.dataset, { label: end.label, share: end.share.toFixed(4) })
    return setStyle(box, { "--colour": this.colours(end, this.followedOf(end, chosen))(end.most) })
  }

  // Of two classes the bar goes from the middle, of more from 0.
  bar({ shares, share }, isShort) {
    const [left, width] = this.isOfTwo ? [Math.min(shares[1], 0.5), Math.abs(shares[1] - 0.5)] : [0, share]
    const filled = setStyle(element("div", "filled"), { "--left": `${100 * left}%`, "--width": `${100 * width}%` })
    const track = element("div", "track", filled, ...(this.isOfTwo ? [element("div", "middle")] : []))
    const ends = (this.isOfTwo ? this.data.classes : ["0%", "100%"]).map((end) => word(shorten(end, LONGEST_END)))
    const bar = element("div", "", track, ...(isShort ? [] : [element("div", "ends", ...ends)]))
    bar.setAttribute("aria-hidden", "true")
    return bar
  }

  // By their probability in the end; a click follows a class, a second click the predicted one again.
  listClasses(container, end, chosen, followed) {
    const { classes } = this.data
    const colourOf = this.colours(end, followed)
    const rows = this.byShare(end).map((place) => {
      const share = end.shares[place]
      return { name: classes[place], share: percent(share), width: 100 * share, colour: colourOf(place) }
    })
    const pick = (name) => this.pick(name === classes[chosen] ? null : name)
    drawClasses(find(container, ".list"), { classes: rows, followed: classes[followed] }, pick)
    show(container, true)
  }

  // What the network would say if the text ended at the cursor.
  atCursor({ read, found: { along, followed } }, time) {
    if (along === null) return ["The verdict after each token is being computed."]
    const { classes } = this.data
    const name = (place) => word(shorten(classes[place], LONGEST_NAME))
    const most = along.label(time)
    const said = [
      `After ${quoted(read.tokens[read.places[time]] ?? read.window[time])} (time step ${counted(time)}): `,
      element("b", "", name(most), ` ${percent(along.of(most)[time])}`),
    ]
    if (most !== followed && !this.isOfTwo) said.push(", ", name(followed), ` ${percent(along.followed[time])}`)
    return [...said, ".", ...this.noteOn(read, time)]
  }

  noteOn(read, time) {
    if (read.unknown[read.places[time]])
      return [` It does not know this ${this.data.tokenNoun}: it reads <unk> there.`]
    return read.window[time] === "<start>" ? [" <start> stands before every text: nothing of yours is read yet."] : []
  }

  columns({ along, followed }) {
    if (along === null) return []
    const name = this.data.classes[followed]
    return [
      [`probability of ${name}`, [...along.followed]],
      [`logit of ${name}`, [...along.odds]],
    ]
  }

  // The verdict for a screen reader, in one sentence.
  inWords({ end, T }) {
    return `${end.label}, ${percent(end.share)}, after ${plural(T, "time step")}`
  }

  // Beside that of another network: the values of one class by both, null where they are not known yet.
  beside({ along, followed, end }, other, theirs, names) {
    if (along === null || theirs.along === null) return null
    const name = this.data.classes[followed]
    const there = other.data.classes.indexOf(name)
    return {
      title: "Verdict after each token",
      aside: `probability of ${label(name)}`,
      values: [along.followed, theirs.along.of(there)],
      says: bothInWords(names, [end.shares[followed], theirs.end.shares[there]], name),
    }
  }
}
