"""Random cells through all that is made of a text: `make random-cells N=1000`."""

import re
import sys
import traceback
from collections import Counter

import numpy as np
import torch
from torch import Tensor, nn

from rnn_core.equations import reading
from rnn_core.equations.equations import read_cell
from rnn_core.equations.expressions import value
from rnn_core.equations.samples import Samples
from rnn_core.export.javascript import cell_module
from rnn_core.export.pytorch import render
from rnn_core.export.torch_step import TorchCell
from rnn_core.symbols import CellDeclaration
from tests.equations.random_cells import random_cell
from tests.equations.slowly import time_steps
from tests.export.page.node import ask_node
from tests.nn.second_way import differences, made
from tests.nn.variants import E, H

T, HELD, UNITS = 6, 0.25, [1, 3]


def check_form(text):
    """Printed, a cell has the same expressions again, and one digest, whatever blanks stand in it."""
    cell = read_cell(text)
    again = read_cell(cell.text)
    assert (said(again), again.text, again.digest) == (said(cell), cell.text, cell.digest)
    assert (again.weights, again.widths) == (cell.weights, cell.widths)
    for spread in (loosely, tightly):
        assert read_cell("".join(map(spread, cell.text.splitlines()))).digest == cell.digest, spread
    assert read_cell(cell.text.replace("h' = ", "h' = 0 + ")).digest != cell.digest


def said(cell):
    """Returns the lines of a cell without their numbers and the comments behind them."""
    return [line._replace(line=0, **({"words": ""} if hasattr(line, "words") else {})) for line in cell.lines]


def loosely(line):
    return "\t" + "  ".join(found.group() for found in reading.TOKEN.finditer(line)) + " # h' = 1\r\n\n"


def tightly(line):
    return re.sub(r"(?<!\w) +| +(?!\w)", "", line).replace("^", "**") + "\n"


def check_declared(declared):
    """All has its LaTeX; what is said of memories makes them; no value leaves its bounds for some time steps.

    That kept and written make a memory is tested with the numbers of a time step, in tests/inspection.
    """
    assert all(known.equation or known.letter == "slope" for known in declared.symbols)
    assert {*declared.parts} <= {*declared.source.letters}
    equations, update = declared.source, declared.update
    samples = Samples(equations, ("d",))
    for weight, (least, most) in equations.limits(is_last_layer=False).items():
        samples.given[weight] = np.clip(samples.given[weight], least, most)
    starts = [equations.starts.get(letter, 0.0) for letter in declared.states]
    begun = [np.zeros(48) + (samples.given[of] if of in equations.weights else of) for of in starts]
    for _ in range(5):
        samples.given.update(zip(declared.states, begun, strict=True))
        now = dict(samples.computed())
        begun = [np.zeros(48) + now[f"{letter}'"] for letter in declared.states]
        after = {name.removesuffix("'"): values for name, values in now.items()}
        after |= dict(zip(declared.states, begun, strict=True))
        for known in declared.symbols:
            if known.bounds is not None and known.letter != "slope":
                assert (known.bounds[0] - 1e-6 <= after[known.letter]).all(), known
                assert (after[known.letter] <= known.bounds[1] + 1e-6).all(), known
        for track in update.tracks if update else ():
            new = value(track.takes, after) * after[update.candidate]
            made = after[track.kept] * now[track.state] + new
            np.testing.assert_allclose(made, now[f"{track.state}'"])
        if update and update.candidate and update.shown is not None and not update.tracks:
            shown = value(update.shown, {f"{update.memory}'": after[update.memory]})
            np.testing.assert_allclose(
                (after[update.shows] if update.shows else 1) * shown, now["h'"], atol=1e-9
            )


class Case:
    """A cell with random weights, what it reads, and what it computes: by letter, (T, H) each."""

    def __init__(self, text, seed):
        self.text, self.cell, self.equations = text, made(text), read_cell(text)
        self.xs = torch.from_numpy(np.random.default_rng(seed).normal(size=(T, E)))
        self.shown = [name for name in self.equations.letters if self.width(name) in ("H", 1)]
        self.of_units = [name for name in self.shown if self.width(name) == "H"]
        self.held = self.of_units[seed % len(self.of_units)]

    def width(self, letter):
        return {name.removesuffix("'"): size for name, size in self.equations.widths.items()}[letter]

    def computed(self, *, holds=False):
        """One quantity is held after the first time step where `holds` says so."""

        def change(t, letter, value):
            value = value.clone()
            if holds and letter == self.held and t:
                value[..., UNITS] = HELD
            return value

        weights = {name: self.cell.weight(name).detach() for name in self.equations.weights}
        steps = [*time_steps(self.equations, weights, self.xs[None], H, change=change)]
        names = {name.removesuffix("'"): name for name in steps[0] if name not in self.equations.states}
        seen = {letter: [step[names[letter]].expand(1, H)[0] for step in steps] for letter in self.shown}
        return {letter: torch.stack(values).numpy() for letter, values in seen.items()}

    def asked(self, *, holds=False):
        """The question to the page's engine."""
        hold = {"letter": self.held, "value": HELD, "first": 1, "last": None, "units": UNITS}
        weights = {key: getattr(self.cell, name).detach() for key, name in self.cell.keys.items()}
        weights = {key: {"shape": of.shape, "values": of.ravel().tolist()} for key, of in weights.items()}
        return {
            "source": cell_module(self.equations), "weights": weights, "xs": self.xs.ravel().tolist(),
            "H": H, "holds": [hold] if holds else [],
        }  # fmt: skip

    def check(self, found, letters, tolerance, **how):
        """Checks that what another program computed is what the equations say."""
        assert {*found} == {*letters}
        expected = self.computed(**how)
        for letter, values in found.items():
            theirs = np.asarray(values, np.float64).reshape(T, -1)
            where = f"{letter} of\n{self.equations.text}"
            np.testing.assert_allclose(theirs, expected[letter], tolerance, tolerance, err_msg=where)


def check_page(cases):
    """The page computes what equations say; where a quantity is held, so does all that reads it."""
    asked = [(case, holds) for holds in (False, True) for case in cases]
    answers = ask_node("steps", [case.asked(holds=holds) for case, holds in asked])
    for (case, holds), found in zip(asked, answers, strict=True):
        case.check(found, case.shown, 1e-6, holds=holds)  # it is shown in 32 bits


def check_code(case):
    """The class that is handed on computes what equations say."""
    code = TorchCell(case.equations)
    source = render("cell.jinja", {"cell": code, "cell_name": "OwnCell", "cell_says": "A cell.", "H": H})
    assert source.isascii() or not {*source} - {*"".join(case.equations.letters)} - {*map(chr, range(128))}
    names = {"torch": torch, "nn": nn, "Tensor": Tensor}
    exec(source, names)
    torch.set_default_dtype(torch.float64)
    try:
        module = names["OwnCell"](E, H)
        module.load_state_dict(code.weights(case.cell))
        found = {letter: values.detach() for letter, values in module(case.xs).items()}
    finally:
        torch.set_default_dtype(torch.float32)
    case.check(found, case.of_units, 1e-10)


def check_python(case):
    """All but the page; returns why the cell has no pass, or nothing."""
    check_form(case.text)
    check_declared(CellDeclaration(case.equations, "any"))
    check_code(case)
    for lengths, one_hot in (([14, 14, 13, 1], False), ([5, 3], True)):
        cell = made(case.text, one_hot=one_hot)
        assert max(differences(cell, lengths, given=not one_hot)) < 1e-10, lengths
    return "" if case.cell.one_pass else str(case.cell.compiled)


def main(count):
    """Puts so many random cells through all checks, and prints what became of them; 1 if one failed."""
    torch.set_num_threads(1)
    ways, failed = Counter(), 0
    for seed in range(count):
        try:
            case = Case(random_cell(seed), seed)
            ways[check_python(case)] += 1
            check_page([case])
        except Exception:
            failed += 1
            print(f"Seed {seed} failed:\n{random_cell(seed)}\n{traceback.format_exc()}", flush=True)
    print(f"{count} cells, of which {failed} failed; {ways.pop('', 0)} have a pass.")
    for why, some in ways.most_common():
        print(f"{some} are trained by autograd: {why}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
