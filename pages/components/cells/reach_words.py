"""What the curves of several networks show, in a sentence with its numbers."""

from collections.abc import Mapping, Sequence

from pages.components.shared.format import listed, literal
from rnn_core.config.run import RunConfig, all_settings
from rnn_core.figures.vanishing import LEAST, ReachCurve

DISTANCE = 100
_NO_DIFFERENCE = {"cell", "reset", "threads", "device", "precision", "seed"}
"""The cell itself, and what does not change what is learned."""
_FROM, _TO = 1e-3, 1e5
"""Between them a norm is written out."""


def short(norm: float) -> str:
    """A norm in a sentence.

    >>> short(2.4e-17), short(0.0123), short(4_321.0), short(5e14), short(0.0)
    ('2e-17', '0.012', '4,300', '5e14', 'no more than 1e-308')
    """
    if norm == 0:
        return "no more than 1e-308"
    if _FROM <= norm < _TO:
        return f"{float(f'{norm:.2g}'):,g}"
    digits, exponent = f"{norm:.0e}".split("e")
    return f"{digits}e{int(exponent)}"


def at_a_distance(curves: Sequence[ReachCurve], cells: Mapping[str, str]) -> str:
    """The norm of every curve at one distance, `DISTANCE` where all of them have it.

    `cells` says what each network is: its name -> its cell, with an article.
    """
    common = min(int(curve.distance[-1]) for curve in curves)
    wanted = min(DISTANCE, common)
    parts, values = [], {}
    for curve in curves:
        place = int((curve.distance <= wanted).nonzero()[0][-1])  # of groups, that in which it lies
        values[curve.name] = float(curve.norm[place])
    for network in dict.fromkeys(curve.network for curve in curves):
        of_states = [
            f"**{short(values[curve.name])}**"
            + (f" ({curve.state.letter})" if curve.is_one_of_several else "")
            for curve in curves
            if curve.network == network
        ]
        parts.append(f"{literal(network)}, {cells[network]}: {listed(of_states)}")
    why = "" if wanted == DISTANCE else ", the farthest that all of them have"
    sentence = f"At distance **{wanted}**{why}, the norm of the gradient is, of {'; of '.join(parts)}."
    low, high = min(values, key=values.__getitem__), max(values, key=values.__getitem__)
    if values[low] and values[high] / values[low] >= 10:
        sentence += (
            f" So a small change of the state moves the verdict {short(values[high] / values[low])} times as "
            f"much in {literal(high)} as in {literal(low)}."
        )
    for curve in curves:
        if (below := curve.falls_below(LEAST)) is not None:
            sentence += f" {literal(curve.name)} is below {short(LEAST)} from distance {below:,} on."
    return sentence


def cell_of(config: RunConfig) -> str:
    """What its cell is called, with an article."""
    return config.model.declared.noun


def trained_otherwise(configs: Mapping[str, RunConfig]) -> str:
    """In which settings, the cell aside, the networks differ; a sentence, empty where there are none."""
    values = [config.values() for config in configs.values()]
    differ = [
        declared.label.lower()
        for _, name, declared in all_settings()
        if name not in _NO_DIFFERENCE and len({str(of[name]) for of in values}) > 1
    ]
    if len({config.data for config in configs.values()}) > 1:
        differ.insert(0, "the texts they learned from")
    return f"Beside the cell, these networks differ in: {listed(differ)}." if differ else ""
