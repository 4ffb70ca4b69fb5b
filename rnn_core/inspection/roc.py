"""How well a number sets positive reviews apart from negative ones: the area under its ROC curve.

How often the number a of P positive reviews is larger than that of N negative ones, over all pairs, where
equal counts half,

    AUC = (#{a_p > a_n} + #{a_p = a_n} / 2) / (P N)

which is the U of Mann and Whitney (1947) over P N (Hanley and McNeil, 1982). 0.5 says nothing; 0 says as much
as 1, the other way round.
"""

import numpy as np
import torch
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def area_under_roc(values: Floats, positive: NDArray[np.bool_]) -> Floats:
    """Of each column of values (R, H), given which rows are positive, (R,): (H,).

    0.5 where all rows have the same label.
    """
    P, N = int(positive.sum()), int((~positive).sum())
    if not P * N:
        return np.full(values.shape[1], 0.5, np.float32)
    columns = [np.ascontiguousarray(values[rows].T) for rows in (positive, ~positive)]
    p, n = (torch.from_numpy(np.sort(column)) for column in columns)  # (H, P), (H, N)
    smaller = torch.searchsorted(n, p).sum(dim=1)  # (H,)
    not_larger = torch.searchsorted(n, p, right=True).sum(dim=1)  # (H,)
    return ((smaller + not_larger).double() / (2 * P * N)).float().numpy()
