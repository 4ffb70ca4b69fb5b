"""*Without ...*: the cases of a sweep are a cell, and this cell without each of its parts in turn.

Such a sweep is known by its cases: they have the names that the parts give them, and are compared with the
whole cell. Beside it stands the same cell with fewer units, a control of the size of the smallest case.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Mapping
from functools import lru_cache

from rnn_core.cell_files.folder import LONGEST_NAME
from rnn_core.cell_files.typed import TypedCell, unnamed
from rnn_core.config.run import RunConfig
from rnn_core.equations.equations import Equations
from rnn_core.equations.roles import Roles
from rnn_core.equations.without import without_each_part
from rnn_core.errors import SweepError
from rnn_core.nn.cells import bias_to_set
from rnn_core.sweeps.sweep import Case, Sweep
from rnn_core.symbols import CELLS, settings_of_cells
from rnn_core.tasks.task import task_of

WHOLE = "the whole cell"
"""The name of the case that the others are compared with."""
SMALLER = "the whole cell with fewer units"
"""The case that has no more parameters than the smallest of all parts leaves."""
LEFT_OUT = "a gate is held at 1; of two coupled gates, the second is 1 minus the first"
"""Words on what is in the place of a part."""


@lru_cache(64)
def cells_without(cell: str, forget_bias: float) -> Mapping[str, str]:
    """Words -> a cell as the setting `cell` holds it: `WHOLE` and `SMALLER`, then without each of its parts.

    `cell` is a key of `CELLS`, a variant such as lstm-peepholes too. With this forget bias, gates that are
    left begin as those of the whole cell. Raises UnknownNameError.

    >>> [*cells_without("minlstm", 3.0)][2:]
    ['without the forget gate f', 'without the input gate i', 'f and i coupled']
    >>> print(*cells_without("slstm", 3.0)["f and o coupled"].splitlines()[-2:])
    b_f ~ 3 b_i ~ -3
    """
    same = (one for one in CELLS.registered().values() if one.source.text == unnamed(cell))
    declared = next(same, None) or CELLS[cell]
    called = {symbol.letter: symbol.common_name for symbol in declared.symbols}

    update = declared.update if declared.remembers_by_bias else None
    begin = update.biases(keeps=forget_bias, writes=-forget_bias) if update else {}

    def typed(equations: Equations, words: str = "") -> str:
        name = re.sub(r"[^A-Za-z0-9]+", "_", f"{declared.full_name} {words.replace(' the ', ' ')}")
        is_known = Roles(equations).update is not None  # and where gates begin follows from it
        lost = [gate for gate in begin if gate in equations.letters and not is_known]
        firsts = [f"{bias} ~ {begin[gate]}" for gate in lost if (bias := bias_to_set(equations, gate))]
        text = "\n".join([equations.text, *firsts])
        return TypedCell.of(text, name.strip("_")[-LONGEST_NAME:].lstrip("_0123456789")).text

    whole = declared.key if declared.kind == declared.key else typed(declared.source)
    parts = without_each_part(declared.source, called).items()
    return {WHOLE: whole, SMALLER: whole, **{words: typed(left, words) for words, left in parts}}


def without(base: RunConfig, cell: str, asked: Collection[str] = ()) -> tuple[RunConfig, list[Case]]:
    """The settings of all runs, and the cases; `asked` are the words on those beside the whole, none for all.

    Raises SweepError for a case that the cell does not have, or where it has no part.
    """
    known, units = cells_without(cell, base.model.forget_bias), base.model.hidden_size
    if not {*asked} <= {*known} or len(known) == 2:
        parts = "; ".join([*known][2:]) or "nothing, since no cell with a memory would be left"
        raise SweepError(f"What can be taken out of {CELLS[cell].noun}: {parts}.")
    usual = RunConfig().values()
    base = base.with_settings(**{name: usual[name] for name in settings_of_cells()} | {"cell": known[WHOLE]})

    def parameters(cell: str, units: int) -> int:
        config = base.with_settings(cell=cell, hidden_size=units)
        return task_of(config).parameters(config, config.text.vocab_size)

    least = min(parameters(one, units) for one in known.values())
    fewer = bisect_right(range(1, units + 1), least, key=lambda some: parameters(known[WHOLE], some))
    sizes = dict.fromkeys(known, units) | {SMALLER: fewer % units}  # 0 where there is none
    words = [one for one in known if one in (WHOLE, *(asked or known)) and sizes[one]]
    return base, [{"cell": known[one], "hidden_size": sizes[one]} for one in words]


def names_of_parts(sweep: Sweep) -> tuple[str, ...]:
    """The name of each case of a sweep of a cell and its parts; of any other sweep none."""
    first = sweep.cases[0]
    if {*first} != {"cell", "hidden_size"}:
        return ()
    cells = cells_without(first["cell"], sweep.base.model.forget_bias)
    known = {unnamed(one): words for words, one in cells.items() if words != SMALLER}
    words = [known.get(unnamed(case["cell"]), "") for case in sweep.cases]
    if "" in words or {*words} == {WHOLE}:
        return ()
    sizes = [case["hidden_size"] for case in sweep.cases]
    apart = ["" if units == sizes[0] else f", {units:,} units" for units in sizes]
    return tuple(one + units for one, units in zip(words, apart, strict=True))
