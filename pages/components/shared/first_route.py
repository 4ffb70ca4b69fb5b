"""Five things to try at first: the page that a link leads to says what to do, and leads back to Home."""

from functools import cache
from typing import NamedTuple

import streamlit as st

from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.address_keys import Key

NETWORK = "reader"
"""The network that the tasks are about."""
_HOME = "pages/home.py"


class RouteTask(NamedTuple):
    """One thing to do."""

    title: str
    asks: str
    """Instructions to the reader, in Markdown."""
    page: str
    query: dict[Key, str]
    """The state that the page opens in."""


@cache
def tasks() -> dict[str, RouteTask]:
    """The tasks of the first five minutes, in their order.

    Imported here: what they lead to takes half a second to import, and every page asks whether it has a task.
    """
    from pages.components.shared import settings
    from pages.components.shared.address import pack
    from pages.components.shared.read_links import HOLD, understanding_of
    from rnn_core.config.corpora import FIRST, corpus_named
    from rnn_core.config.presets import FAILURES, PRESETS
    from rnn_core.data.probes.pairs import STRICT

    read = {keys.MODEL: NETWORK, keys.TEXT: pack(corpus_named(FIRST).first_sentence)}
    return {
        "turn": RouteTask(
            "Watch a verdict turn",
            "Move the cursor along the words, by a click or the arrow keys, to “dull”, where the verdict "
            "turns. Which gate moves most there?",
            "pages/read.py",
            read,
        ),
        "hold": RouteTask(
            "Hold a gate",
            "Press *Update gate shut after “but”* below the picture: nothing is written after that word. "
            "What is the verdict now?",
            "pages/read.py",
            {**read, keys.PANEL: HOLD},
        ),
        "probes": RouteTask(
            "Ask what it understands",
            "Choose a sentence below the picture, one that is marked as wrong, and see the network read it "
            "above.",
            "pages/read.py",
            {**understanding_of(NETWORK, STRICT), **read},
        ),
        "train": RouteTask(
            "Train a network",
            "Press *Start training* and watch the curves for a minute. Pause it, change its learning rate "
            "and go on.",
            "pages/train.py",
            settings.train_address(PRESETS["demonstration"].config),
        ),
        "fail": RouteTask(
            "See a training fail",
            "Press *Start training* (*Queue training* while another run is at work): these settings fail, in "
            "less than a minute. The reason is named above the curves. *See it fail* has others.",
            "pages/train.py",
            settings.train_address(FAILURES["exploding"].config),
        ),
    }


def show_task() -> None:
    """Show the task that the address names, if any, and the ways back; call it above the page's title.

    Its place is there without a task, too: else the title would move with it, and stand there twice until the
    page is drawn.
    """
    place = st.empty()
    if address.value(keys.TASK) is not None:
        address.take_over(keys.TRY, keys.TASK, tasks())
    name = address.value(keys.TRY)
    task = tasks().get(name) if name else None
    if name is None or task is None:
        return
    with place.container(border=True, key="task"):
        words, done, back = st.columns([14, 2, 3], vertical_alignment="center")
    words.markdown(f"**{task.title}.** {task.asks}")
    if done.button("Done", icon=":material/check:", key="task_done", help="Ticks it off, on Home."):
        address.go(_HOME, {keys.DONE: name})
    if back.button("Back to Home", icon=":material/arrow_back:", key="task_back", type="tertiary"):
        address.go(_HOME)
