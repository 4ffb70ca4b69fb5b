"""Runs and settings that the tests of the Train page share."""

import dataclasses

from pages.components.shared.settings import control_key
from rnn_core.training.records import Record
from tests.runs.workers import SMALL

TINY = {"data": "verdict", "evaluations_per_epoch": "1"} | {name: str(value) for name, value in SMALL.items()}


def record_of(step, norm):
    return Record(
        kind="training", optimizer_step=step, epoch=step / 188, loss=0.7, accuracy=0.5, seconds=step,
        gradient_norm=norm, learning_rate=0.1,
    )  # fmt: skip


def with_time(step):
    return dataclasses.replace(record_of(step, norm=0.5), accuracy=0.53125, seconds_left=100.0 - step)


def setting(page, name):
    return page.session_state[control_key(name)]
