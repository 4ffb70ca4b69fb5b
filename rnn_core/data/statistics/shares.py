"""Parts of a whole, and the array types of counts and shares."""

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]


def shares_of(part: Counts, whole: int) -> Floats:
    """Each number as a share of the whole; nan where that is nothing."""
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)
