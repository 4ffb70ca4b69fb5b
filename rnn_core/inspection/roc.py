"""How well a number sets texts of one class apart from the others: the area under its ROC curve.

How often the number a of P texts of the class, the positive ones, is larger than that of N others, over all
pairs, where equal counts half,

    AUC = (#{a_p > a_n} + #{a_p = a_n} / 2) / (P N)

which is the U of Mann and Whitney (1947) over P N (Hanley and McNeil, 1982). 0.5 says nothing; 0 says as much
as 1, the other way round.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Floats = NDArray[np.float32]
_AT_ONCE = 4_000_000
"""Numbers that are ranked together, which bounds the memory."""


def area_under_roc(values: Floats, positive: NDArray[np.bool_]) -> Floats:
    """The area for each column of values (R, H), given which rows are positive, (R,): (H,).

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


def areas_under_roc(values: Floats, labels: NDArray[np.integer], classes: int) -> Floats:
    """The areas of K classes, each against the rest: (H, K), given columns (R, H) and labels (R,) below K.

    All are read from the ranks, which are found once: the sum over a class of the ranks, those of equal
    values shared, is P N AUC + P (P + 1) / 2.
    """
    P = np.bincount(labels, minlength=classes).astype(np.float64)  # (K,)
    pairs = P * (len(labels) - P)
    of_class = torch.eye(classes, dtype=torch.float64)[torch.from_numpy(labels.astype(np.int64))]  # (R, K)
    columns = torch.from_numpy(np.ascontiguousarray(values.T))  # (H, R)
    sums = torch.cat([_ranks(some) @ of_class for some in columns.split(max(1, _AT_ONCE // len(labels)))])
    areas = (sums.numpy() - P * (P + 1) / 2) / np.maximum(pairs, 1)
    return np.where(pairs > 0, areas, 0.5).astype(np.float32)


def _ranks(rows: Tensor) -> Tensor:
    """(H, R) the rank of each number in its row, from 1; equal ones share theirs."""
    ordered = rows.sort(dim=1).values
    smaller, not_larger = (torch.searchsorted(ordered, rows, right=right) for right in (False, True))
    return (smaller + not_larger + 1).double() / 2
