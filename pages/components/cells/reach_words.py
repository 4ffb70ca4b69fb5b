"""What the curves of several networks show, in a sentence with its numbers."""

from collections import Counter
from collections.abc import Mapping, Sequence

from pages.components.shared.format import listed, literal
from rnn_core.config.run import RunConfig, all_settings
from rnn_core.figures.vanishing import LEAST, GradientOf, ReachCurve
from rnn_core.symbols import settings_of_cells

DISTANCE = 100
_NO_DIFFERENCE = {*settings_of_cells(), "threads", "device", "precision", "seed"}
"""The settings of the cell, and those that do not change what is learned."""
_APART = 10
"""So many times as much is a difference."""
_FROM, _TO = 1e-3, 1e5
"""Between them a norm is written out."""


def short(norm: float) -> str:
    """A norm in a sentence.

    >>> short(2.4e-17), short(0.0123), short(4_321.0), short(5e14)
    ('2e-17', '0.012', '4,300', '5e14')
    """
    if _FROM <= norm < _TO:
        return f"{float(f'{norm:.2g}'):,g}"
    digits, exponent = f"{norm:.0e}".split("e")
    return f"{digits}e{int(exponent)}"


def in_one_sentence(curves: Sequence[ReachCurve], of: GradientOf) -> str:
    """Says which curve is highest at a distance that all have, and how far below it the lowest is."""
    wanted, values = _there(curves)
    least, most = min(values), max(values)
    lowest, highest = (curves[values.index(value)].name for value in (least, most))
    change = f"{wanted:,} tokens back, a small change of the state moves the {of.noun}"
    if not most:
        return f"{change} by less than {of.least}."
    if not least:
        return f"{change} most in {highest}, and in {lowest} by less than {of.least}."
    if most / least >= _APART:
        return f"{change} {short(most / least)} times as much in {highest} as in {lowest}."
    if len(curves) == 1:
        return f"{change} {short(most)} times as much as it is large, in {highest}."
    return f"{change} about as much in each of them: in none {_APART} times as much as in another."


def _there(curves: Sequence[ReachCurve]) -> tuple[int, list[float]]:
    """`DISTANCE`, or the farthest distance that all curves have, and the norm of each there."""
    wanted = min(DISTANCE, *(int(curve.distance[-1]) for curve in curves))
    # Of groups it is the one in which the distance lies.
    return wanted, [float(curve.norm[(curve.distance <= wanted).nonzero()[0][-1]]) for curve in curves]


def at_a_distance(curves: Sequence[ReachCurve], cells: Mapping[str, str], of: GradientOf) -> str:
    """The norm of every curve at one distance, `DISTANCE` where all of them have it.

    `cells` says what each network is: its name -> its cell, with an article.
    """
    wanted, values = _there(curves)
    parts = []
    for network in dict.fromkeys(curve.network for curve in curves):
        of_states = [
            f"**{short(value) if value else f'below about {of.least}'}**"
            + (f" ({curve.state.letter})" if curve.is_one_of_several else "")
            for curve, value in zip(curves, values, strict=True)
            if curve.network == network
        ]
        parts.append(f"{literal(network)}, {cells[network]}: {listed(of_states)}")
    why = "" if wanted == DISTANCE else ", the farthest that all of them have"
    sentence = f"At distance **{wanted}**{why}, the norm of the gradient is, of {'; of '.join(parts)}."
    for curve in curves:
        if (below := curve.falls_below(LEAST)) is not None:
            sentence += f" {literal(curve.name)} is below {short(LEAST)} from distance {below:,} on."
    return sentence


def cells_of(configs: Mapping[str, RunConfig]) -> dict[str, str]:
    """What the cell of each network is called, with an article; variants of one noun are set apart."""
    declared = {name: config.model.declared for name, config in configs.items()}
    alike = Counter(noun for _, noun in {(cell.title, cell.noun) for cell in declared.values()})
    return {
        name: f"{cell.noun} ({cell.apart})" if alike[cell.noun] > 1 and cell.apart else cell.noun
        for name, cell in declared.items()
    }


def trained_otherwise(configs: Mapping[str, RunConfig]) -> str:
    """Says in which settings, the cell aside, the networks differ; empty where in none."""
    values = [config.values() for config in configs.values()]
    differ = [
        declared.label.lower()
        for _, name, declared in all_settings()
        if name not in _NO_DIFFERENCE and len({str(of[name]) for of in values}) > 1
    ]
    if len({config.data for config in configs.values()}) > 1:
        differ.insert(0, "the texts they learned from")
    apart = (
        "Apart from the cell, these"
        if len({config.model.variant for config in configs.values()}) > 1
        else "These"
    )
    return f"{apart} networks differ in {listed(differ)}." if differ else ""


def on_the_top_layer(configs: Mapping[str, RunConfig]) -> str:
    """Says whose state is meant in networks of several layers; empty where there are none."""
    deep = [literal(name) for name, config in configs.items() if config.model.layers > 1]
    return f"In {listed(deep)} it is the state of the top layer." if deep else ""
