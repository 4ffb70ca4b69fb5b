// What the tests ask the page's modules; the same in node and in a browser. A function takes and gives plain data.

import { along } from "../../../rnn_core/export/page/languages/along.js"
import { makeTokenizer } from "../../../rnn_core/export/page/text/tokens.js"
import { makeReader } from "../../../rnn_core/export/page/text/window.js"
import { nextTokens } from "../../../rnn_core/export/page/view/next.js"
import { networkOf } from "./network_of.js"

// The characters that these tables of Unicode know, as ranges: [first, behind the last].
function assigned() {
  const isAssigned = (code) => /\P{Cn}/u.test(String.fromCodePoint(code))
  const ranges = []
  for (let code = 0; code <= 0x110000; code++) {
    const isInside = code < 0x110000 && isAssigned(code)
    if (isInside && ranges.at(-1)?.length !== 1) ranges.push([code])
    if (!isInside && ranges.at(-1)?.length === 1) ranges.at(-1).push(code)
  }
  return ranges
}

function tokens({ texts, ways }) {
  return ways.map(({ rules, unicode }) => texts.map(makeTokenizer(rules, unicode).tokenize))
}

function readings({ texts, networks }) {
  return networks.map((data) => {
    const { read } = makeReader(data)
    return texts.map((text) => ({ ...read(text), ids: [...read(text).ids] }))
  })
}

function truths(languages) {
  return Promise.all(
    languages.map(async ({ name, options, symbols, strings }) => {
      const { language } = await import(`../../../rnn_core/export/page/languages/${name}.js`)
      return strings.map((string) => along(language, options, symbols, string))
    }),
  )
}

// What comes next along each text, by a network of a language. What JSON has no number for comes as text.
function followings(networks) {
  const numbers = (values) => Array.from(values, (value) => (Number.isFinite(value) ? value : String(value)))
  return Promise.all(
    networks.map(async ({ data, texts }) => {
      const { language } = await import(`../../../rnn_core/export/page/languages/${data.language.name}.js`)
      const network = networkOf(data)
      const { read } = makeReader(data)
      return texts.map((text) => {
        const found = read(text)
        const { answers, T } = network.read(found.ids)
        const next = nextTokens(data, { [data.language.name]: language }, found, answers, T)
        return { ...next, surprise: numbers(next.surprise), trueSurprise: numbers(next.trueSurprise), shares: null }
      })
    }),
  )
}

export const asked = { assigned, tokens, readings, truths, followings }
