"""The token strip with a cursor on it: a click, the arrow keys or a button that plays move it along.

The strip moves the outline by itself, at once. Python hears the time step through `st.session_state[key]`,
which it may also set, as a slider with the same key does; then the outline goes there.
"""

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

import streamlit as st

from pages.components.shared.token_strip import (
    CHANGE,
    MOST_CHIPS,
    STRONG,
    Chip,
    Effect,
    key_html,
    shorten_cut,
)
from rnn_core.figures.colours import NEGATIVE, POSITIVE, Theme
from rnn_core.figures.layout import shorten
from rnn_core.text.vocabulary import PAD

_LONGEST = 60
"""Characters of a word that are drawn."""

_HTML = """
<div class="all">
  <div class="bar">
    <button type="button"><svg viewBox="0 0 24 24" aria-hidden="true"><path/></svg></button>
    <span class="at"></span>
    <span class="hint">Click a token, play, or use the arrow keys.</span>
  </div>
  <div class="strip" role="listbox" tabindex="0" aria-orientation="horizontal">
    <div class="chips" role="presentation"></div>
  </div>
  <div class="key"></div>
</div>
"""

_CSS = """
.all {display:flex; flex-direction:column; gap:.25rem; font-family:var(--st-font);
  color:var(--st-text-color); container-type:inline-size; height:var(--height)}
@media (max-width:640px) {.all {height:calc(var(--height) + 6rem)}} /* the key takes more lines there */
.bar {display:flex; align-items:center; gap:.6rem; font-size:.875rem; white-space:nowrap}
.at {flex:1 1 auto; overflow:hidden; text-overflow:ellipsis; font-variant-numeric:tabular-nums}
.at b {font-weight:600}
.hint {color:var(--muted)}
@container (max-width:34rem) {.hint {display:none}}
button {flex:none; width:2rem; height:2rem; padding:0; border:1px solid var(--st-border-color);
  border-radius:var(--st-button-radius); color:inherit; background:none; cursor:pointer}
button:hover {border-color:var(--st-primary-color); color:var(--st-primary-color)}
button svg {display:block; width:1.25rem; height:1.25rem; margin:auto; fill:currentColor}
button:focus-visible, .strip:focus-visible {outline:2px solid var(--st-primary-color); outline-offset:-2px}
/* Without "none" Chromium moves what reveal() has scrolled to when the font arrives. */
.strip {position:relative; flex:1 1 0; overflow-y:auto; overflow-anchor:none; padding:.25rem;
  border-radius:var(--st-base-radius); font-size:.95rem; line-height:1.5}
.strip span {display:inline-block; vertical-align:top; box-sizing:border-box; max-width:100%;
  overflow:hidden; text-overflow:ellipsis; white-space:nowrap; padding:.08rem .3rem;
  margin:.12rem .12rem .12rem 0; border-radius:.3rem}
.strip [data-step] {cursor:pointer}
.up {background:color-mix(in srgb, POSITIVE calc(55% * var(--strength)), transparent)}
.down {background:color-mix(in srgb, NEGATIVE calc(55% * var(--strength)), transparent)}
.strong::after {content:" \\25B2"; content:" \\25B2" / ""; font-size:.6em; vertical-align:.3em}
.strong.down::after {content:" \\25BC"; content:" \\25BC" / ""}
.strip .unknown {text-decoration:underline dotted 2px; text-underline-offset:3px}
.strip .cut {color:var(--muted); text-decoration:line-through}
.strip .special {border:1px solid var(--grid); font-family:var(--st-code-font); font-size:.82rem}
.strip .aside {color:var(--muted); font-style:italic}
.turn {box-shadow:inset 0 -3px var(--st-text-color)}
.strip [aria-selected=true] {outline:3px solid var(--st-text-color)}
.key {font-size:.82rem; color:var(--muted); line-height:1.6}
.key span {padding:0 .3rem; border-radius:.3rem; color:var(--st-text-color)}
.key small {font-size:.6em; vertical-align:.12em}
""".replace("POSITIVE", POSITIVE).replace("NEGATIVE", NEGATIVE)

_JS = """
const EVERY = 150     // Python hears at most so often, in milliseconds
const PACE = 250      // one token when it plays
const PATIENCE = 3000 // so long a page may take to draw before Python hears of the next token
const PLAY = "M8 5v14l11-7z"
const PAUSE = "M6 5h4v14H6zM14 5h4v14h-4z"
const KEYS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }

const strips = new WeakMap()

function isDrawing() {
  return document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === "running"
}

function signed(change) {
  if (change === null) return "not a number"
  return (change < 0 ? "\\u2212" : "+") + Math.abs(change).toFixed(2)
}

function title({ kind, step, count, change, turns }, effect) {
  const at = count > 1 ? `time steps ${step} to ${step + count - 1}` : `time step ${step}`
  const note = kind === "unknown" ? "not in the vocabulary, read as <unk>; " : ""
  const turned = turns ? `; turned the verdict to ${turns}` : ""
  return `${note}${at}: ${effect} ${signed(change)}${turned}`
}

// A user's words are set as text only.
function chipNode(chip, place, { scale, strong, effect }) {
  const node = document.createElement("span")
  node.textContent = chip.text
  node.className = chip.kind
  node.setAttribute("role", "option")
  node.setAttribute("aria-selected", "false")
  node.id = "chip" + place
  if (chip.step === null) {
    node.setAttribute("aria-disabled", "true")
    if (chip.kind === "cut") node.title = "cut off: not read"
    return node
  }
  const strength = Math.min(Math.abs(chip.change) / scale, 1)
  node.dataset.step = chip.step
  node.title = title(chip, effect)
  node.style.setProperty("--strength", strength)
  node.classList.add(chip.change > 0 ? "up" : "down")
  node.classList.toggle("strong", strength >= strong)
  node.classList.toggle("turn", chip.turns !== "")
  return node
}

function draw(own, data) {
  const { chips } = data
  own.effect = data.effect
  own.chips = chips.text.map((text, place) => {
    const chip = { text }
    for (const name of ["kind", "step", "count", "change", "turns"]) chip[name] = chips[name][place]
    chip.node = chipNode(chip, place, data)
    return chip
  })
  own.inside.replaceChildren(...own.chips.flatMap(({ node }) => [node, " "])) // a space for who copies them
  own.chosen = null
}

function mark(own) {
  const chip = own.chips.find(({ step, count }) => step <= own.time && own.time < step + count)
  own.chosen?.setAttribute("aria-selected", "false")
  own.chosen = chip?.node
  const number = document.createElement("b")
  number.textContent = `Time step ${own.time}`
  own.at.replaceChildren(number, ` of ${own.steps}`)
  if (!chip) return own.strip.removeAttribute("aria-activedescendant")
  own.chosen.setAttribute("aria-selected", "true")
  own.strip.setAttribute("aria-activedescendant", own.chosen.id)
  own.at.append(`: ${chip.text}, ${own.effect} ${signed(chip.change)}`)
  reveal(own)
}

// Where the chips lie is known in the next frame; to ask before would lay out the page once more.
function reveal(own) {
  window.cancelAnimationFrame(own.frame)
  own.frame = window.requestAnimationFrame(() => scroll(own))
}

function scroll(own) {
  if (!own.chosen) return
  const { offsetTop, offsetHeight } = own.chosen
  const { scrollTop, clientHeight } = own.strip
  if (offsetTop < scrollTop || offsetTop + offsetHeight > scrollTop + clientHeight) {
    own.strip.scrollTop = offsetTop - (clientHeight - offsetHeight) / 2
  }
}

function tell(own) {
  if (own.timer) return
  const send = () => {
    // A page that takes longer than a token would otherwise begin anew for ever and never be drawn whole.
    if (own.isPatient && isDrawing() && performance.now() < own.told + PATIENCE) {
      own.timer = window.setTimeout(send, 30)
      return
    }
    own.timer = 0
    own.told = performance.now()
    own.setStateValue("moved", { time: own.time, revision: own.revision })
  }
  own.timer = window.setTimeout(send, Math.max(own.told + EVERY - performance.now(), 0))
}

function move(own, time, isPatient) {
  const within = Math.max(0, Math.min(time, own.steps - 1))
  if (within === own.time) return
  own.time = within
  own.isPatient = isPatient
  mark(own)
  tell(own)
}

function play(own, on) {
  window.clearInterval(own.player)
  own.player = on ? window.setInterval(() => next(own), PACE) : 0
  own.button.setAttribute("aria-label", on ? "Pause" : "Play")
  own.button.title = on ? "Pause" : "Play, about four tokens a second"
  own.button.querySelector("path").setAttribute("d", on ? PAUSE : PLAY)
}

function next(own) {
  if (own.time >= own.steps - 1) return play(own, false)
  move(own, own.time + 1, true)
}

function start(parentElement) {
  const find = (selector) => parentElement.querySelector(selector)
  const own = { strip: find(".strip"), inside: find(".chips"), at: find(".at"), button: find("button") }
  own.told = 0
  own.strip.setAttribute("aria-label", "The tokens of the review")
  play(own, false)
  // Chips wrap anew when the window or, as its font arrives, a word gets another width.
  own.wrapping = new ResizeObserver(() => reveal(own))
  own.wrapping.observe(own.inside)
  own.strip.onclick = (event) => {
    const node = event.target.closest("[data-step]")
    if (node) move(own, Number(node.dataset.step), false)
  }
  own.strip.onkeydown = (event) => {
    const by = KEYS[event.key]
    if (by === undefined || event.ctrlKey || event.altKey || event.metaKey) return
    event.preventDefault()
    move(own, own.time + by, event.repeat)
  }
  own.button.onclick = () => {
    const on = !own.player
    if (on && own.time >= own.steps - 1) move(own, 0, false)
    play(own, on)
  }
  return own
}

export default function ({ data, parentElement, setStateValue }) {
  const all = parentElement.querySelector(".all")
  if (!strips.has(all)) strips.set(all, start(parentElement))
  const own = strips.get(all)
  own.setStateValue = setStateValue
  all.style.setProperty("--height", data.height + "px")
  all.style.setProperty("--muted", data.muted)
  all.style.setProperty("--grid", data.grid)
  parentElement.querySelector(".key").innerHTML = data.key  // numbers and words of our own

  const isMoved = own.revision !== data.revision
  if (isMoved) {
    window.clearTimeout(own.timer)
    Object.assign(own, { revision: data.revision, time: data.time, timer: 0 })
  }
  const drawn = JSON.stringify([data.chips, data.scale, data.effect])
  const isOther = own.drawn !== drawn
  if (isOther) {
    if (own.review !== data.review) play(own, false)
    Object.assign(own, { drawn, review: data.review, steps: data.steps })
    draw(own, data)
  }
  if (isMoved || isOther) mark(own)
  return () => {
    window.clearTimeout(own.timer)
    window.clearInterval(own.player)
    window.cancelAnimationFrame(own.frame)
    own.wrapping.disconnect()
  }
}
"""

_strip = st.components.v2.component("gatescope_cursor_strip", html=_HTML, css=_CSS, js=_JS)


class _Known(NamedTuple):
    """Where the cursor stood when Python last heard of it."""

    time: int
    revision: int
    """Goes up whenever Python moves the cursor; a move of the browser made before that comes too late."""


def cursor_strip(
    strip: Sequence[Chip], time: int, theme: Theme, key: str, *, height: int = 216, effect: Effect = CHANGE
) -> int:
    """The strip with the cursor at time step `time`, `height` pixels high with its key, on a phone some more.

    `effect` says in which sense the chips tell what a token did to the logit.

    `time` is what the page made of `st.session_state[key]`: that of a slider with this key, say. A move on
    the strip is written there before the page runs anew, so slider, address and strip agree; made on a longer
    review than is read now, it may lie beyond the end, so the page checks. A test without a browser
    (AppTest) moves the cursor with `app.session_state[key] = 3`, or with the slider.
    """
    known = st.session_state.get(_known(key))
    if known is None or known.time != time:
        known = _Known(time, 1 if known is None else known.revision + 1)
        st.session_state[_known(key)] = known
    _strip(
        key=_mounted(key),
        data=_data(strip, time, theme, effect) | {"revision": known.revision, "height": height},
        on_moved_change=lambda: _take(key),
    )
    return time


class _Piece(NamedTuple):
    """What is drawn as one chip."""

    chip: Chip
    steps: int
    """Time steps it stands for, from that of the chip on; 0 for what was not read."""


def _pieces(strip: Sequence[Chip], time: int) -> list[_Piece]:
    """About 1,000 pieces around the cursor: padding is one piece, little is shown of what was cut off.

    Which stretch is drawn changes only every 500 pieces, so that it stands still while the cursor moves.
    """
    pieces: list[_Piece] = []
    for is_padding, group in groupby(shorten_cut(strip), key=lambda chip: chip.text == PAD):
        run = list(group)
        if is_padding and len(run) > 1:
            total = sum(chip.change for chip in run)
            pieces.append(_Piece(Chip(f"{PAD} × {len(run):,}", "special", run[0].step, total), len(run)))
        else:
            pieces += [_Piece(chip, int(chip.step is not None)) for chip in run]
    if len(pieces) <= MOST_CHIPS:
        return pieces
    half = MOST_CHIPS // 2
    read = [place for place, (chip, _) in enumerate(pieces) if chip.step is not None and chip.step <= time]
    start = max(0, min(read[-1] // half * half - half // 2, len(pieces) - MOST_CHIPS))
    stop = start + MOST_CHIPS
    return [*_left_out(start), *pieces[start:stop], *_left_out(len(pieces) - stop)]


def _left_out(count: int) -> list[_Piece]:
    return [_Piece(Chip(f"… {count:,} not drawn here …", "aside", None, 0.0), 0)] if count else []


def _data(strip: Sequence[Chip], time: int, theme: Theme, effect: Effect = CHANGE) -> dict[str, Any]:
    """What the strip is drawn from. Columns, since it travels at every move: some 40 KB for 1,000 chips."""
    changes = [abs(chip.change) for chip in strip if chip.step is not None]
    scale = max([0.1, *filter(math.isfinite, changes)])
    pieces = _pieces(strip, time)
    return {
        "chips": {
            "text": [shorten(chip.text, _LONGEST) for chip, _ in pieces],
            "kind": [chip.kind for chip, _ in pieces],
            "step": [chip.step for chip, _ in pieces],
            "count": [steps for _, steps in pieces],
            "change": [_rounded(chip.change) for chip, _ in pieces],
            "turns": [chip.turns for chip, _ in pieces],
        },
        "review": hash(tuple(chip.text for chip in strip)),
        "time": time,
        "steps": len(changes),
        "scale": scale,
        "strong": STRONG,
        "effect": effect.told,
        "key": key_html(strip, scale, effect),
        "muted": theme.muted,
        "grid": theme.grid,
    }


def _rounded(change: float) -> float | None:
    # A network whose training diverged gives no number, and JSON has none for that.
    return round(change, 3) if math.isfinite(change) else None


def _known(key: str) -> str:
    return f"{key}_strip_known"


def _mounted(key: str) -> str:
    return f"{key}_strip"


def _take(key: str) -> None:
    """Take the move, unless Python has moved the cursor since."""
    moved = st.session_state[_mounted(key)]["moved"]
    known = st.session_state[_known(key)]
    if moved["revision"] == known.revision:
        st.session_state[key] = moved["time"]
        st.session_state[_known(key)] = _Known(moved["time"], known.revision)
