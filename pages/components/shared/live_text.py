"""A text area that hands over what is typed when the typing pauses; `st.text_area` waits until one leaves it.

The text belongs to both sides. Python knows it as `st.session_state[key]`, and whoever sets that before
`live_text` is called puts another text into the box. The box is written to only then: what comes back while
one goes on typing leaves text, caret, selection and the way back (undo) alone.
"""

from typing import Any, NamedTuple

import streamlit as st

PAUSE = 150
"""Milliseconds from the last key until Python hears of it; what it makes of it stands 100 to 150 later."""

_LABEL_HEIGHT = 28

_HTML = """
<div class="label">
  <label for="text"></label>
  <span class="help">
    <button type="button" aria-describedby="help">
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <circle cx="12" cy="12" r="10"/><path d="M9.1 9a3 3 0 0 1 5.8 1c0 2-3 3-3 3M12 17h.01"/>
      </svg>
    </button>
    <span id="help" role="tooltip"></span>
  </span>
</div>
<textarea id="text" aria-describedby="help"></textarea>
"""

# Measures and colours are those of st.text_area, so that the two can stand side by side.
_CSS = """
.label {display:flex; align-items:center; min-height:1.5rem; margin-bottom:.25rem; font-size:.875rem;
  line-height:1.6; color:var(--st-text-color); font-family:var(--st-font)}
.help {margin-left:auto; position:relative; height:1rem}
.help button {display:block; width:1rem; height:1rem; padding:0; border:0; background:none; color:inherit;
  border-radius:50%; cursor:help}
.help button:focus-visible {outline:2px solid var(--st-primary-color); outline-offset:2px}
.help svg {width:1rem; height:1rem; fill:none; stroke:currentColor; stroke-width:2; stroke-linecap:round;
  stroke-linejoin:round; opacity:.6}
.help:hover svg, .help:focus-within svg {opacity:1}
#help {visibility:hidden; position:absolute; right:-.25rem; top:1.4rem; z-index:10; width:max-content;
  max-width:16rem; padding:.375rem .75rem; border-radius:var(--st-base-radius);
  background:var(--st-secondary-background-color); border:1px solid var(--st-border-color)}
.help:hover #help, .help:focus-within #help {visibility:visible}
textarea {display:block; box-sizing:border-box; width:100%; min-height:4.25rem; padding:.75rem;
  resize:vertical; font:var(--st-base-font-weight) .875rem/1.4 var(--st-font);
  color:var(--st-text-color); background:var(--st-secondary-background-color);
  border:1px solid var(--st-widget-border-color); border-radius:var(--st-base-radius); outline:none}
textarea:focus {border-color:var(--st-primary-color)}
textarea::placeholder {color:var(--st-text-color); opacity:.7}
"""

_JS = """
const boxes = new WeakMap()

export default function ({ data, parentElement, setStateValue }) {
  const find = (selector) => parentElement.querySelector(selector)
  const box = find("textarea")
  const isNew = !boxes.has(box)
  if (isNew) {
    boxes.set(box, {})
    box.addEventListener("compositionend", () => boxes.get(box).wait())
  }
  const own = boxes.get(box)

  find("label").textContent = data.label
  find(".help").hidden = !data.help
  find(".help button").setAttribute("aria-label", "Help for " + data.label)
  find("#help").textContent = data.help
  box.placeholder = data.placeholder
  if (isNew) box.style.height = data.height + "px"  // later it is as high as it was dragged

  if (own.revision !== data.revision) {
    window.clearTimeout(own.timer)
    own.revision = data.revision
    box.value = data.text
    own.sent = box.value
  }

  own.send = () => {
    window.clearTimeout(own.timer)
    if (box.value === own.sent) return
    own.sent = box.value
    setStateValue("typed", { text: box.value, revision: own.revision })
  }
  own.wait = () => {
    window.clearTimeout(own.timer)
    own.timer = window.setTimeout(() => own.send(), data.pause)
  }
  // Half a composed sign is no text yet.
  box.oninput = (event) => (event.isComposing ? window.clearTimeout(own.timer) : own.wait())
  box.onblur = own.send
  box.onkeydown = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) own.send()
    // From a shadow root a key looks as if pressed on the page, where Streamlit has shortcuts on letters.
    event.stopPropagation()
  }
  return () => window.clearTimeout(own.timer)
}
"""

_box = st.components.v2.component("gatescope_live_text", html=_HTML, css=_CSS, js=_JS)


class _Known(NamedTuple):
    """What stood in the box when Python last heard of it."""

    text: str
    revision: int
    """Goes up whenever Python puts a text there; what was typed into an earlier one comes too late."""


def live_text(
    label: str, value: str, key: str, *, height: int = 190, placeholder: str = "", help: str = ""
) -> str:
    """A text area, `height` pixels high with its label; returns what stands in it, of any length.

    `value` is the text to begin with. From then on the text is `st.session_state[key]`, also after another
    page was visited; set it before this call, or in a callback, to put another text into the box. A test
    without a browser (AppTest) does the same: `app.session_state[key] = "a text"`, then `app.run()`.
    """
    st.session_state.setdefault(key, value)
    text = st.session_state[key]
    before: _Known | None = st.session_state.get(_known(key))
    known = before or _Known(text, 1)
    if known.text != text:
        known = _Known(text, known.revision + 1)
    st.session_state[_known(key)] = known
    box = _box(
        key=_mounted(key),
        data={
            "label": label,
            "text": text,
            "revision": known.revision,
            "height": height - _LABEL_HEIGHT,
            "placeholder": placeholder,
            "help": help,
            "pause": PAUSE,
        },
        on_typed_change=lambda: _take(key),
    )
    if before is None and box.typed is not None:
        # The server was started anew under an open page, which brings along what was typed before.
        _put(key, box.typed)
        st.rerun()
    return text


def _known(key: str) -> str:
    return f"{key}_known"


def _mounted(key: str) -> str:
    return f"{key}_box"


def _take(key: str) -> None:
    """Take what was typed, unless Python has put or is about to put another text into the box."""
    typed = st.session_state[_mounted(key)]["typed"]
    known = st.session_state[_known(key)]
    if typed["revision"] == known.revision and st.session_state[key] == known.text:
        _put(key, typed)


def _put(key: str, typed: dict[str, Any]) -> None:
    # A lone half of a surrogate pair can be typed but not encoded, so it could be sent nowhere.
    text = typed["text"].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    st.session_state[key] = text
    st.session_state[_known(key)] = _Known(text, typed["revision"])
