"""A time step of a cell that nobody has trained, so that there is something to be drawn of it."""

import torch

from rnn_core.config.run import RunConfig
from rnn_core.inspection.by_hand import first_values, play
from rnn_core.inspection.one_step import OneStep
from rnn_core.nn.classifier import make_cell
from rnn_core.symbols import CELLS

UNITS, TIME = 3, 2
"""How many units the cell has, and which of its time steps it is, counted from 0."""


def sample_step(name: str) -> OneStep:
    """The first unit of a cell that is not at 0, with its first weights; each word is the number 1.

    Raises ConfigError where there is no such cell.
    """
    declared = CELLS[name]
    config = RunConfig().with_settings(**declared.run_settings, hidden_size=UNITS, embedding_size=1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        cell = make_cell(config.model, vocab_size=1)
    played = play(cell, declared, first_values(cell), TIME + 1)
    unit = next((unit for unit, h in enumerate(played.computed["h"][TIME]) if h), 0)
    return played.one_step(TIME, unit)
