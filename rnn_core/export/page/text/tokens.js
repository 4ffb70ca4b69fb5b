// A text as written -> its tokens, as rnn_core/text/tokenizer.py cuts them: words by Unicode's rules, or characters
// as a reader sees them. The sets of characters come with the page, as the browser's tables are of another version.

const SPACE = "␣"
const LONGEST_WORD = 2000 // code points

// Python's \s; that of JavaScript has U+FEFF in it, and neither U+001C to U+001F nor U+0085.
const WHITE = String.raw`\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`
const LINE_BREAK = new RegExp(`<br[${WHITE}]*/?>`, "giu")
// Half of a surrogate pair is a blank like a control character; of it alone Firefox makes a sign, U+FFFD.
const HALVES = /\p{Surrogate}/gu
const APOSTROPHES = /[‘’‛ʼ]/gu
const JOINERS = String.raw`\u200c\u200d`

// rules: {unit, lowercase, accents, exact}. unicode: sets of characters, as rnn_core/export/unicode_ranges.py packs them.
export function makeTokenizer(rules, unicode) {
  const sets = unpacked(unicode)
  if (rules.exact) return { tokenize: makeExactCut(rules.unit, sets) }
  const fold = makeFold(rules, sets)
  const cut = CUTS[rules.unit](sets)
  return { tokenize: (text) => cut(fold(text)) }
}

// NFKC, curly apostrophes straightened, <br /> replaced by a space; lower case and no accents if asked.
function makeFold({ lowercase, accents }, { accented, accent, ...casing }) {
  const lower = lowercase ? makeLower(casing) : (text) => text
  const ACCENTS = accents === "strip" ? new RegExp(`(?<=[${accented}])[${accent}]+`, "gu") : null
  return (text) => {
    const whole = text.replace(LINE_BREAK, " ").replace(HALVES, "\0")
    let folded = lower(whole.normalize("NFKC").replace(APOSTROPHES, "'"))
    if (ACCENTS) folded = folded.normalize("NFKD").replace(ACCENTS, "")
    return folded.normalize("NFC") // a small letter may melt with a mark, its capital not
  }
}

// Python's str.lower. A sigma is written otherwise at the end of a word: that is where the tables differ.
function makeLower({ cased, passed }) {
  // What comes before is looked at from the sigma on, or it would be looked at from each character of a text.
  const FINAL = new RegExp(`Σ(?<=[${cased}][${passed}]*Σ)(?![${passed}]*[${cased}])`, "gu")
  return (text) => text.replace(FINAL, "ς").replaceAll("Σ", "σ").toLowerCase()
}

const CUTS = { words: makeCutIntoWords, characters: makeCutIntoCharacters }

function makeCutIntoWords({ base: BASE, mark }) {
  const LETTER = BASE + mark
  const WORD = new RegExp(`${wordOf(BASE, LETTER, "'")}|[!?]`, "gu")
  const PIECE = new RegExp(`[${BASE}](?:[${LETTER}'${JOINERS}]{0,${LONGEST_WORD - 2}}[${LETTER}])?`, "gu")
  const bounded = (word) => (isTooLong(word) ? word.match(PIECE) : [word])
  return (folded) => (folded.match(WORD) ?? []).flatMap(bounded)
}

function wordOf(BASE, LETTER, APOSTROPHES) {
  const inner = `[${APOSTROPHES}](?=[${BASE}])|[${JOINERS}](?=[${LETTER}])`
  return `[${BASE}][${LETTER}]*(?:(?:${inner})[${LETTER}]+)*`
}

// Nothing is dropped: the tokens joined are the text in NFC.
function makeExactCut(unit, sets) {
  const { base: BASE, mark } = sets
  const word = unit === "words" ? `${wordOf(BASE, BASE + mark, "'’‘‛")}|` : ""
  const TOKEN = new RegExp(String.raw`${word}\r\n|${clusterOf(sets)}`, "gu")
  const bounded = (token) => (isTooLong(token) ? inPieces([...token]) : [token])
  return (text) => (text.normalize("NFC").match(TOKEN) ?? []).flatMap(bounded)
}

function inPieces(signs) {
  const pieces = []
  for (let first = 0; first < signs.length; first += LONGEST_WORD) {
    pieces.push(signs.slice(first, first + LONGEST_WORD).join(""))
  }
  return pieces
}

function makeCutIntoCharacters(sets) {
  const { blank: BLANK, unseen: UNSEEN, prepend: PREPEND } = sets
  const GAPS = new RegExp(`^[${BLANK}${UNSEEN}]+|[${BLANK}][${BLANK}${UNSEEN}]*`, "gu")
  // A sign that is written around the next ones, such as the Arabic sign of a number, takes no blank.
  const CLUSTERS = new RegExp(`(?![${UNSEEN}])(?:[${PREPEND}]+(?=${SPACE})|${clusterOf(sets)})`, "gu")
  // SPACE between characters; nothing where no character comes before or none after it.
  const signOfGap = (gap, start, folded) => (start === 0 || start + gap.length === folded.length ? "" : SPACE)
  const bounded = (cluster) => (isTooLong(cluster) ? [...cluster].slice(0, LONGEST_WORD).join("") : cluster)
  return (folded) => (folded.replace(GAPS, signOfGap).match(CLUSTERS) ?? []).map(bounded)
}

const isTooLong = (token) => token.length > LONGEST_WORD && [...token].length > LONGEST_WORD

// A grapheme cluster, \X of `regex` (Unicode's annex 29, where the numbers of the rules are from).
function clusterOf(sets) {
  const { prepend, extend, spacing, leading, vowel, trailing, pictograph } = sets
  const { consonant, linker, linked, linkable } = sets
  const control = String.raw`\r\n${sets.control}` // GB4, GB5
  const ZWJ = String.raw`\u200d`
  const hangul = hangulOf(`[${leading}]`, `[${vowel}]`, `[${trailing}]`)
  const flag = String.raw`[\u{1f1e6}-\u{1f1ff}]{2}` // GB12, GB13
  const emoji = `[${pictograph}](?:[${extend}]*${ZWJ}[${pictograph}])*` // GB11
  const begin = `[${prepend}]*(?:${hangul}|${flag}|${emoji}|[^${control}])` // GB9b
  const marks = `[${extend}${ZWJ}${spacing}]*` // GB9, GB9a
  const first = linkable === ANY ? `(?:^|[${ANY}])` : `[${linkable}]`
  const LINKED = `${first}[${linker}${linked}]*[${linker}][${linked}]*`
  const conjunct = `(?=[${consonant}])(?<=${LINKED})[${consonant}]${marks}` // GB9c
  return `${begin}${marks}(?:${conjunct})*|[${control}]`
}

const ANY = String.raw`\u{0}-\u{10ffff}`

// GB6 to GB8. A syllable that is one sign has no last consonant (LV) where its number is a multiple of 28.
function hangulOf(L, V, T) {
  const first = 0xac00
  const withoutLast = Array.from({ length: 399 }, (_, number) => String.fromCodePoint(first + 28 * number))
  const LV = `[${withoutLast.join("")}]`
  const LVT = String.raw`(?!${LV})[\uac00-\ud7a3]`
  return `${L}*(?:(?:${LV}|${V})${V}*${T}*|${LVT}${T}*)|${L}+|${T}+`
}

// Sets of characters, packed by rnn_core/export/unicode_ranges.py -> what stands between the brackets of a regular
// expression for each: {name: "1t,p 4"} -> {name: "\u{41}-\u{5a}\u{5f}-\u{5f}"}

export function unpacked(sets) {
  return Object.fromEntries(Object.entries(sets).map(([name, packed]) => [name, rangesOf(packed)]))
}

// Of each range: how many characters stand before it since the last one, and how many follow its first; in base 36.
function rangesOf(packed) {
  if (packed === "") return ""
  let end = 0
  const ranges = packed.split(" ").map((range) => {
    const [gap, more = 0] = range.split(",").map((digits) => parseInt(digits, 36))
    const first = end + gap
    end = first + more + 1
    return String.raw`\u{${first.toString(16)}}-\u{${(end - 1).toString(16)}}`
  })
  return ranges.join("")
}
