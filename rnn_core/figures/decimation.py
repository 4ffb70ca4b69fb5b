"""Curves with fewer points, whose extremes stay."""

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

MOST_POINTS = 600
"""Points that a curve is drawn with; a screen shows no more."""


def decimate(x: Array, y: Array, most: int = MOST_POINTS) -> tuple[Array, Array]:
    """At most `most` points of a curve (N,), its first, its last and all extremes of a stretch kept.

    The curve is cut into equal stretches and each gives its lowest and its highest point. A stretch
    without a finite value stays as one point, so that a gap stays a gap.
    """
    if len(y) <= most:
        return x, y
    # A stretch gives at most two points, the ends two more.
    edges = np.linspace(0, len(y), max((most - 2) // 2, 1) + 1).astype(int)
    keep = {0, len(y) - 1}
    for start, stop in pairwise(edges.tolist()):
        finite = start + np.flatnonzero(np.isfinite(y[start:stop]))
        if len(finite) == 0:
            keep.add(start)
            continue
        keep.add(int(finite[np.argmin(y[finite])]))
        keep.add(int(finite[np.argmax(y[finite])]))
    order = np.array(sorted(keep))
    return x[order], y[order]
