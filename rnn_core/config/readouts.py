"""Readouts as settings, checks and pages know them: the words for each.

`rnn_core.nn.readouts` has the classes, which need torch, and says what a class must be able to do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rnn_core.registry import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadoutDeclaration:
    """The words for a readout, and its class."""

    made_by: Callable[[int, int], Any] | None = None
    """Class of the readout; `rnn_core.nn.readouts` adds those that come with the app."""
    reads: str
    """The source of the verdict, such as "the last hidden state"."""
    choice: str
    """The part of the hidden states that it reads, in a list of all readouts, such as "the last one"."""
    of_states: str
    """The states that a head for a lower layer is fitted on, as in "the last of that layer's states"."""
    only_last: bool = False
    """True if it reads the last states alone, so that the network must remember all that came before."""


READOUTS: Registry[ReadoutDeclaration] = Registry(
    "readout",
    {
        "last": ReadoutDeclaration(
            reads="the last hidden state", choice="the last one", of_states="last", only_last=True
        ),
        "mean": ReadoutDeclaration(
            reads="the mean of all hidden states", choice="their mean", of_states="mean"
        ),
        "max": ReadoutDeclaration(
            reads="the largest value of each unit over time",
            choice="the largest value of each unit over time",
            of_states="largest values",
        ),
        "attention": ReadoutDeclaration(
            reads="a mean of all hidden states, weighted by attention",
            choice="by attention a mean with weights that the states decide (Bahdanau et al., 2015)",
            of_states="weighted mean",
        ),
    },
)


def choices_in_words() -> str:
    """All readouts, for the help text of the setting."""
    return "; ".join(declared.choice for declared in READOUTS.values())
