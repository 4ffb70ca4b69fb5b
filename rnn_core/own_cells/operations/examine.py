"""The question of a check beside one time step: the same step many times over, with other numbers."""

import contextlib
import io
import re
from typing import Any

import torch
from torch import Tensor

from rnn_core.own_cells.observed import Observed
from rnn_core.own_cells.operations.basic import call, inputs, load, network, weights
from rnn_core.own_cells.submission import Submission, Tensors
from rnn_core.processes.frames import Said


def examine(submission: Submission, said: Said, tensors: Tensors) -> tuple[Said, Tensors]:
    """One time step in float64 from x (N, E) and the states s0, s1, .. (N, H), and what follows from it.

    Returns `.new0`, .. as they come, and `DRAW.new0`, .. for each of `draws`, by name: the same with what is
    called `DRAW.weight.NAME`, `DRAW.x` and `DRAW.s0`, .. in their places.

    Says `errors`, {"sentence", "line"} by the name of a draw that went wrong, and `types`, the shorter
    types of numbers that came up. Each step runs after the same seed, and with `fresh` on a network of its
    own; what they print is left out.
    """
    steps = _Steps(submission, said, tensors)
    given = inputs(tensors, torch.float64)
    errors: dict[str, Any] = {}
    with Observed() as observed:
        arrays = {f".new{number}": one for number, one in enumerate(steps(given, {}))}
    for draw in said["draws"]:
        prefix = f"{draw}."
        own = {name.removeprefix(prefix): one for name, one in tensors.items() if name.startswith(prefix)}
        try:
            outputs = steps(given | inputs(own, torch.float64), own)
        except BaseException as error:
            errors[draw] = submission.said(error)
        else:
            arrays |= {f"{prefix}new{place}": one for place, one in enumerate(outputs)}
    return {"errors": errors, "types": sorted(observed.types)}, arrays


class _Steps:
    """Computes time steps with the weights of the question, or with others."""

    def __init__(self, submission: Submission, said: Said, tensors: Tensors) -> None:
        self.submission, self.said = submission, {**said, "dtype": "float64"}
        self.module = network(submission, self.said, tensors)
        self.states = len(submission.states)  # to find them again takes as long as a time step
        self.weights = {
            name: one.detach().clone()
            for name, one in weights(self.module).items()
            if one.is_floating_point()
        }

    def __call__(self, given: Tensors, others: Tensors) -> list[Tensor]:
        if self.said.get("fresh"):
            self.module = network(self.submission, self.said, {})
        load(self.module, self.weights | {name: one for name, one in others.items() if name in self.weights})
        torch.default_generator.manual_seed(self.said.get("seed", 0))  # torch.manual_seed takes a ms
        with torch.no_grad(), contextlib.redirect_stdout(io.StringIO()):
            _, new = call(self.module, {name: one.clone() for name, one in given.items()}, self.states)
        return [one for one in new if isinstance(one, Tensor)]


def elsewhere(submission: Submission, said: Said, tensors: Tensors) -> tuple[Said, Tensors]:
    """One time step on a device without numbers, which shows what stays on the CPU.

    Says `device`, {"sentence", "line"}, where something does, and `copied` where numbers are asked for. Any
    other error says nothing here, since code that looks at a value can't run there.
    """
    module = network(submission, said, tensors).to("meta")
    given = {name: one.to("meta") for name, one in inputs(tensors, torch.float32).items()}
    try:
        with torch.no_grad():
            call(module, given, len(submission.states))
    except Exception as error:
        wrong = submission.said(error)
        if re.search(r"not on the expected device|same device", wrong["sentence"]):
            return {"device": wrong}, {}
        if "copy out of meta" in wrong["sentence"]:
            return {"copied": True}, {}
    return {}, {}


def first_weights(submission: Submission, said: Said, tensors: Tensors) -> tuple[Said, Tensors]:
    """The first weights of the network, with nan for what was never filled."""
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True, warn_only=True)  # which fills new memory with nan
    try:
        return {}, weights(network(submission, said, tensors))
    finally:
        torch.use_deterministic_algorithms(before)
