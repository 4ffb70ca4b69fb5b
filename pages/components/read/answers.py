"""The answer of a network: its verdict, and what the author of an example means, or what comes next."""

import numpy as np
import streamlit as st

from pages.components.read.readings import Reading, follow, gives_verdict, read
from pages.components.read.whats_next import show_next
from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.assets import component
from pages.components.shared.format import with_code
from pages.components.shared.panel_chart import saying_why_not
from pages.components.shared.streamlit_private import end_page
from pages.components.shared.token_strip import (
    OCCLUSION,
    SURPRISE,
    Effect,
    Ways,
    chips,
    choose_effect,
    cursor_strip,
    ways,
)
from pages.components.shared.verdict_box import verdict_box
from rnn_core.config.identity import place_of
from rnn_core.errors import CellError, NoVerdictError
from rnn_core.figures.colours import Theme, class_colours
from rnn_core.figures.sentences import say
from rnn_core.figures.text import percent
from rnn_core.inspection.trace import Trace
from rnn_core.models.model import KeptModel
from rnn_core.text.vocabulary import START_ID


def say_what_is_seen(model: KeptModel | None) -> str:
    """Return a sentence below the title of the page."""
    what = "how its verdict changes" if model is None or gives_verdict(model) else "what it expects next"
    return f"Pick a network, type a text and see {what} along the way."


def read_and_follow(model: KeptModel, text: str, layer: int | None) -> Reading:
    """The reading of a text, with the chosen class of more than two followed, if there is such a class.

    The page ends here with a sentence where there is no reading.
    """
    try:
        reading = read(model, text, layer)
    except (NoVerdictError, CellError) as error:
        st.warning(with_code(str(error)))
        end_page()
    if not reading.gives_verdict:
        return reading
    classes = reading.trace.classes
    asked = address.new_value(keys.FOLLOWED, keys.FOLLOWED)
    if asked is not None and (place := place_of(asked, classes)) is not None:
        st.session_state[keys.FOLLOWED] = classes[place]
    chosen = st.session_state.get(keys.FOLLOWED)
    if len(classes) == 2 or chosen not in classes:
        chosen = None
    address.write(keys.FOLLOWED, keys.FOLLOWED, chosen)
    return reading if chosen is None else follow(reading, classes.index(chosen))


def choose_colouring(reading: Reading) -> Effect:
    """Return what colours the tokens."""
    return choose_effect(reading.unit) if reading.gives_verdict else SURPRISE


@saying_why_not()
def show_strip(reading: Reading, time: int, effect: Effect) -> None:
    """The strip of a reading, its words coloured by one of the effects."""
    if effect == SURPRISE:  # of a token when it came, which is what was expected one time step before
        surprise = np.nan_to_num(np.append(0.0, reading.next_tokens.surprise[:-1])).astype(np.float32)
        strip = chips(reading.trace, surprise, turns={})
        given = reading.given + 1 if reading.trace.review.ids[0] == START_ID else 0
        strip[1:given] = [
            chip._replace(kind="read") if chip.kind == "word" else chip for chip in strip[1:given]
        ]
        means = Ways("", say("surprised"), reading.unit)
    else:
        effects = reading.contributions if effect == OCCLUSION else None
        strip, means = chips(reading.trace, effects), ways(reading.trace, reading.unit)
    cursor_strip(strip, means, time, "token", height=156, effect=effect)


def show_answer(reading: Reading, time: int, theme: Theme) -> None:
    """The verdict on the whole text, or what comes next at a time step."""
    if reading.gives_verdict:
        show_verdict(reading, theme)
    else:
        show_next(reading, time, theme)


def choose(name: str) -> None:
    """Follow a class, from a callback; a second click on it follows the predicted one again."""
    if st.session_state.get(keys.FOLLOWED) == name:
        del st.session_state[keys.FOLLOWED]
    else:
        st.session_state[keys.FOLLOWED] = name


_LIST = "class_list"
_list = component("gatescope_class_list", __file__)


def list_classes(trace: Trace, theme: Theme) -> None:
    """Draw the list of more than two classes; their names are text, which the browser sets as such."""
    colours = class_colours([trace.classes[number] for number in trace.coloured], len(trace.classes))
    shares = dict(zip(trace.classes, trace.probabilities_of_classes[-1].tolist(), strict=True))
    followed = trace.classes[trace.followed]

    def take() -> None:
        name = st.session_state[_LIST]["followed"]
        if name in trace.classes:
            choose(name)

    classes = [
        {
            "name": name,
            "share": percent(shares[name]),
            "width": round(100 * shares[name], 2),
            "colour": colours.get(name, theme.muted),
        }
        for name in sorted(shares, key=lambda name: -shares[name])
    ]
    data = {
        "label": "Classes by their probability",
        "classes": classes,
        "followed": followed,
        "isChosen": st.session_state.get(keys.FOLLOWED) == followed,
    }
    _list(key=_LIST, data=data, on_followed_change=take)


def show_verdict(reading: Reading, theme: Theme) -> None:
    """The verdict box, the list of more than two classes and, of an example, whether the verdict is right."""
    verdict_box(reading.trace, theme, aside=f"after {len(reading.trace.logits):,} time steps")
    if len(reading.trace.classes) > 2:
        list_classes(reading.trace, theme)
    examples = reading.model.config.corpus.examples
    example = next((example for example in examples if example.text == reading.text), None)
    if example is None:
        return
    meant = f"Its author means **{example.says}**"
    if reading.trace.label == example.says:
        st.caption(f"{meant}, and the network says so, too. {example.asks}")
    else:
        has_gates = any(known.is_gate for known in reading.trace.declared.symbols)
        st.caption(
            f"{meant}: the network is **wrong** here. {example.asks} Look for the word at which its verdict "
            f"goes wrong, and at what its {'gates do' if has_gates else 'state does'} there."
        )
