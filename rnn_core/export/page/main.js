// The page of one network or two: it reads the data, builds the page, and lets the networks read what is typed.

import { footOf, cardOf } from "./view/card.js"
import { element, find, show, word } from "./view/dom.js"
import { LAST, makePanel, MOST_TELLING } from "./view/panel.js"
import { startTextBox } from "./view/text_box.js"
import { startTheme } from "./view/theme.js"
import { startWriting } from "./view/write.js"
import { link, makeBoth } from "./view/two.js"

const FORMAT = 2
const QUIET = 900 // milliseconds without a key until a screen reader is given the answer
const NEEDED = ["color: color-mix(in srgb, red, blue)", "inset: 0"]
const KEYS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }

// `parts` are what the page can compute, by name. The file has a text of JSON for each network.
export function start({ document, ...parts }) {
  const notStarted = find(document, "#not-started")
  notStarted.classList.remove("late")
  const old = NEEDED.some((rule) => !CSS.supports(...rule.split(/: (.*)/)))
  if (old) return
  try {
    const networks = [...document.querySelectorAll("script[type='application/json']")]
    build(networks.map(({ textContent }) => parse(textContent)), parts, document)
    notStarted.remove()
    show(find(document, "#page"), true)
  } catch (error) {
    const help = "Ask for the file again, or export the network once more."
    notStarted.textContent = `This page can't start: ${error.message} ${help}`
    throw error
  }
}

function parse(text) {
  let data
  try {
    data = JSON.parse(text)
  } catch (error) {
    throw new Error(`its network is damaged, probably because the file was cut short (${error.message}).`)
  }
  if (data.format !== FORMAT)
    throw new Error(`its network has format ${data.format}, and this page reads format ${FORMAT}.`)
  return data
}

function build(datas, parts, document) {
  const page = find(document, "#page")
  show(page, true) // charts measure the room that they have
  const [data] = datas
  const isOfTwo = datas.length > 1
  page.classList.add(isOfTwo ? "of-two" : "of-one")
  document.title = `${datas.map(({ name }) => name).join(" and ")}: watch ${isOfTwo ? "them" : "it"} read`
  find(page, "h1").textContent = document.title
  find(page, ".what").textContent = whatItIs(datas, parts.answers)
  startTheme(find(page, "#theme"))
  startExplanations(page)

  const shared = { chosen: null, pick }
  const panels = datas.map((each) => open(addArticle(page, each, isOfTwo), each, parts, shared, done))
  const align = isOfTwo ? link(...panels) : () => {}
  const drawBoth = isOfTwo && canCompare(datas) ? makeBoth(find(page, ".both"), panels) : () => {}
  find(page, ".cards").replaceChildren(...datas.map(cardOf))
  find(page, "footer").replaceChildren(...footOf(datas))
  startKeys(document, panels[0].cursor)
  let timer = 0
  const typed = startTextBox(page, data, (text, isTyped) => {
    const begin = isTyped ? LAST : MOST_TELLING
    panels.forEach((panel, place) => panel.read(text, place === 0 ? begin : ""))
    align()
  })
  panels.forEach((panel, place) => startWriting(page.querySelectorAll(".writing")[place], panel, typed))

  function pick(name) {
    shared.chosen = name
    for (const panel of panels) panel.follow()
  }

  function done() {
    drawBoth()
    window.clearTimeout(timer)
    timer = window.setTimeout(announce, QUIET)
  }

  function announce() {
    const said = panels.map((panel) => (isOfTwo ? `${panel.data.name}: ${panel.inWords()}` : panel.inWords()))
    find(page, "#live").textContent = `${said.join(". ")}.`
  }
}

function open(article, data, parts, shared, done) {
  try {
    return makePanel(article, data, parts, shared, done)
  } catch (error) {
    throw new Error(`the network ${data.name} can't be read (${error.message}).`, { cause: error })
  }
}

function whatItIs(datas, answers) {
  const [one, other] = datas
  const [from, theirs] = datas.map(({ about }) => about.learned_from)
  const says = answers[one.answer].says(one)
  if (other === undefined) {
    return `${one.name} is a recurrent network, ${one.noun}, that says ${says}. It learned from ${from}.`
  }
  const both = canCompare(datas) ? ` that say ${says}` : ""
  const whats = `${one.name}, ${one.noun}, and ${other.name}, ${other.noun}, are recurrent networks${both}`
  if (from === theirs) return `${whats}. Both learned from ${from}.`
  return `${whats}. ${one.name} learned from ${from}; ${other.name} learned from ${theirs}.`
}

function canCompare([one, other]) {
  return one.answer === other.answer && one.classes.every((name) => other.classes.includes(name))
}

function addArticle(page, data, isOfTwo) {
  const article = find(page, "#network-template").content.firstElementChild.cloneNode(true)
  find(page, ".networks").append(article)
  const name = find(article, ".name")
  name.replaceChildren(word(data.name), " ", element("small", "", data.noun))
  show(name, isOfTwo)
  return article
}

function startExplanations(page) {
  const toggle = find(page, "#explanations")
  toggle.addEventListener("click", () => {
    const isOn = toggle.getAttribute("aria-pressed") !== "true"
    toggle.setAttribute("aria-pressed", String(isOn))
    page.classList.toggle("terse", !isOn)
  })
}

// The arrow keys move the cursor wherever no control needs them.
function startKeys(document, cursor) {
  document.addEventListener("keydown", (event) => {
    const { key, target, ctrlKey, altKey, metaKey, shiftKey } = event
    const by = KEYS[key]
    if (by === undefined || target !== document.body || ctrlKey || altKey || metaKey || shiftKey) return
    event.preventDefault()
    cursor.set(Math.max(0, Math.min(cursor.get() + by, cursor.count() - 1)))
  })
}
