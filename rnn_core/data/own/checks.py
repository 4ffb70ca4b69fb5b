"""Whether what is left of a table makes a corpus: how many classes, and enough texts to learn them from."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rnn_core.config.identity import MOST_CLASSES
from rnn_core.data.corpus import SPLITS
from rnn_core.data.held_out import VALIDATION_SHARE, held_out
from rnn_core.data.own.recipe import FEW_TEXTS
from rnn_core.errors import DataError
from rnn_core.refusals import shown

_WHY = {
    "without_class": "without a class",
    "empty": "without a text",
    "contradictory": "with a text that is in another class, too",
    "duplicates": "with a text that stands there before",
    "across_splits": "with a text, or of a group, that is kept for the test",
    "small_classes": f"of a class with fewer than {FEW_TEXTS} texts",
}
"""What is said of the rows that are left out, after their number."""


def check_number(names: Sequence[str], left_out: Mapping[str, int], column: str, file: str) -> None:
    """Raise DataError where there are too few classes or too many; `left_out` counts the rows that are."""
    where = f"column {shown(column)} of {file}"
    if len(names) > MOST_CLASSES:
        some = ", ".join(map(shown, names[:5]))
        raise DataError(
            f"There are {len(names):,} classes in {where}, such as {some}; a corpus has 2 to {MOST_CLASSES}. "
            "Merge some (--merge OLD=NEW, --small-classes join), choose another column, or, if it is a "
            "rating, give thresholds, such as 4,7."
        )
    if len(names) < 2:
        only = f"Only the class {shown(names[0])} has" if names else "No class has"
        raise DataError(
            f"{only} texts left in {where}; a network needs two classes at least. "
            f"{_said(left_out)}Choose another column, or check what is merged and left out."
        )


def _said(left_out: Mapping[str, int]) -> str:
    return f"Left out are rows: {'; '.join(parts)}. " if (parts := left_out_in_words(left_out)) else ""


def left_out_in_words(left_out: Mapping[str, int]) -> list[str]:
    """How many rows were left out for each reason that there was.

    >>> left_out_in_words({"empty": 0, "small_classes": 4})
    ['4 of a class with fewer than 10 texts']
    """
    return [f"{count:,} {_WHY[why]}" for why, count in left_out.items() if count]


def check_parts(
    kept: NDArray[np.int64],
    splits: NDArray[np.int8],
    labels: NDArray[np.int8],
    together: NDArray[np.int64] | None,
    names: Sequence[str],
    file: str,
) -> None:
    """Raise DataError where a class has nothing to learn from, or a run could hold out no validation texts.

    `splits`, `labels` and `together` (R,) are those of all rows; `kept` are the rows that become texts.
    """
    training = kept[splits[kept] == SPLITS.index("training")]
    counts = np.bincount(labels[training], minlength=len(names))
    if (counts == 0).any():
        raise DataError(
            f"The class {shown(names[int(counts.argmin())])} of {file} has no text to learn from: all of "
            "them are for validation or test, or are left out. Merge it with another class, or leave the "
            "column of splits out."
        )
    if (splits[kept] == SPLITS.index("validation")).any():
        return
    if not len(held_out(training, labels, VALIDATION_SHARE, names, together)):
        raise DataError(
            f"No class of {file} has two texts to learn from, so none can be held out for validation. Add "
            "texts, or take a smaller test share."
        )
