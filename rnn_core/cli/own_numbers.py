"""The numbers of a corpus of the user's own in lines of text, before it is kept and after."""

from collections.abc import Mapping, Sequence

from rnn_core.data.labelled_text import SPLITS
from rnn_core.data.own.parts import QUANTILES, Parts


def in_numbers(
    parts: Parts, lengths: Sequence[float], telling: Mapping[str, Sequence[str]], unit: str
) -> list[str]:
    """Texts and tokens by class and split, lengths, and the most telling words of each class.

    `unit` is what tokens are called.
    """
    at_each = ", ".join(
        f"{'shortest' if q == 0 else 'longest' if q == 1 else f'{q:.0%}'} {length:,.0f}"
        for q, length in zip(QUANTILES, lengths, strict=True)
    )
    return [
        *_by_split(parts, unit),
        f"{unit.capitalize()} of a text: {at_each}",
        *(f"Telling for {name}: {', '.join(words) or 'none'}" for name, words in telling.items()),
    ]


def empty(count: int, rows: int) -> str:
    """How many rows have no text, as a line."""
    return f"{count:,} of {rows:,} rows have no text ({count / rows:.1%})"


def _by_split(parts: Parts, unit: str) -> list[str]:
    """A line for each class with the texts and tokens of each split that has any, below two of heads."""
    splits = [split for split in SPLITS if any(of_class[split].texts for of_class in parts.values())]
    names = max(map(len, parts), default=0)
    return [
        f"{'':{names}}" + "".join(f"{split:>26}" for split in splits),
        f"{'':{names}}" + f"{'texts':>12}{unit:>14}" * len(splits),
        *(
            f"{name:{names}}"
            + "".join(f"{of_class[split].texts:>12,}{of_class[split].tokens:>14,}" for split in splits)
            for name, of_class in parts.items()
        ),
    ]
