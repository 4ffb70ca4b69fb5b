"""Readings of this session, so that moving the cursor computes nothing again."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import streamlit as st

from pages.components.shared.format import literal
from pages.components.shared.model_picker import BY_FILES
from pages.components.shared.token_strip import chips, labels
from rnn_core.figures.colours import Theme
from rnn_core.figures.text import shorten
from rnn_core.inspection.attribution import Attribution, attribute, occlusion
from rnn_core.inspection.next_tokens import NextTokens, next_tokens
from rnn_core.inspection.trace import Trace, trace
from rnn_core.inspection.verdicts import Verdicts, verdicts
from rnn_core.models.model import KeptModel, Model
from rnn_core.tasks.task import task_of
from rnn_core.writing.writer import Writer

MOST_OCCLUDED = 600
"""Time steps: the work of occlusion grows with their square, and the page answers while one types."""


@dataclass(frozen=True)
class Reading:
    """A review as one model read it, and what its verdict depends on, computed when it is asked for."""

    model: KeptModel
    text: str
    trace: Trace
    writer: Writer | None = None
    """The writer behind the last symbol, on Write; on Read None."""
    given: int = 0
    """Number of symbols of the beginning on Write, which were read and not written."""

    @property
    def since(self) -> int:
        """Number of time steps before those of the trace: it has the end of a long text that is written."""
        return 0 if self.writer is None else len(self.writer.symbols) + 1 - len(self.trace.logits)

    @cached_property
    def before(self) -> list[str]:
        """The symbols of the text before those of the trace."""
        symbols = [] if self.writer is None else self.writer.symbols[self.writer.begins :]
        return symbols[: -len(self.trace.review.tokens)]

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens of the text that were read, those before the trace, too."""
        review = self.trace.review
        return *self.before, *review.tokens[review.kept]

    @property
    def gives_verdict(self) -> bool:
        """True if the network gives a verdict on a text; else it says what comes next."""
        return gives_verdict(self.model)

    @cached_property
    def next_tokens(self) -> NextTokens:
        """Return the predictions of a network that gives no verdict."""
        found = next_tokens(self.model, self.trace)
        return found if self.writer is None else found.opened()

    @property
    def answers(self) -> Verdicts | NextTokens:
        """The answer of the network after each token."""
        return verdicts(self.trace) if self.gives_verdict else self.next_tokens

    @property
    def followed(self) -> str:
        """The name of the class that is followed along the text."""
        return self.trace.classes[self.trace.followed]

    @property
    def followed_in_words(self) -> str:
        """Returns the followed class for a sentence in Markdown."""
        return literal(shorten(self.followed, 40))

    @property
    def noun(self) -> str:
        """Return the word for a text, of those that the model learned from."""
        return self.model.config.corpus.nouns.text

    @property
    def unit(self) -> str:
        """Return the word for a token."""
        return self.model.config.tokens.noun

    @property
    def file_name(self) -> str:
        """Return the name of files, without their ending: the model, of several layers also which."""
        layer = f"-layer-{self.trace.layer}" if self.trace.layers > 1 else ""
        return f"gatescope-{self.model.name}{layer}"

    @cached_property
    def names(self) -> list[str]:
        """Return the name of each time step: its token, and whether that is known."""
        return labels(chips(self.trace, np.zeros(len(self.trace.answers), np.float32), turns={}))

    def axis(self, time: int, theme: Theme) -> dict[str, Any]:
        """Return what all figures over its time steps are given: their names, the cursor and the theme."""
        return {"labels": self.names, "cursor": time, "theme": theme}

    @cached_property
    def attribution(self) -> Attribution:
        """Saliency, connectivity and the like."""
        return attribute(self.model, self.trace)

    @property
    def occluded_from(self) -> int:
        """The time step from which on tokens are occluded; 0 but for very long reviews."""
        return max(len(self.trace.logits) - MOST_OCCLUDED, 0)

    @cached_property
    def contributions(self) -> np.ndarray:
        """(T,) what each token contributes to the logit, by occlusion."""
        return occlusion(self.model, self.trace, since=self.occluded_from)


def gives_verdict(model: Model) -> bool:
    """True if a network gives a verdict on a text; else it says what comes next."""
    return task_of(model.config).gives_verdict


@st.cache_resource(scope="session", max_entries=6, show_spinner=False, hash_funcs=BY_FILES)
def read(model: KeptModel, text: str, layer: int | None = None, followed: int | None = None) -> Reading:
    """The reading of a text, looked into at a layer, else the top one; a followed class reads nothing again.

    Raises NoVerdictError, CellError.
    """
    if followed is not None:
        return Reading(model, text, read(model, text, layer).trace.follow(followed))
    return Reading(model, text, trace(model, text, layer=layer))


def follow(reading: Reading, followed: int) -> Reading:
    """The reading with the class at this index followed."""
    if followed == reading.trace.followed:
        return reading
    return read(reading.model, reading.text, reading.trace.layer, followed)
