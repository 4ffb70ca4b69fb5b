"""Large tensors used again by call after call.

Memory fresh from the operating system costs a page fault every 4 kilobytes, which for the gates of one batch
is as much as a tenth of an optimizer step.
"""

import weakref
from collections import deque

import torch
from torch import Tensor

_idle: deque[dict[tuple[str, torch.dtype, torch.device], Tensor]] = deque(maxlen=2)


class Lease:
    """Memory that belongs to one call until the last reference to the lease is gone, and then to the next."""

    def __init__(self) -> None:
        try:
            self._buffers = _idle.pop()
        except IndexError:
            self._buffers = {}
        weakref.finalize(self, _idle.append, self._buffers)

    def take(self, name: str, rows: int, columns: int, like: Tensor) -> Tensor:
        """(rows, columns) of anything, of the kind of `like`. What had this name before is lost."""
        kind = (name, like.dtype, like.device)
        buffer = self._buffers.get(kind)
        if buffer is None or len(buffer) < rows * columns:
            with torch.inference_mode(False):  # a tensor made in inference mode could not be trained with
                buffer = torch.empty(rows * columns, dtype=like.dtype, device=like.device)
            self._buffers[kind] = buffer
        return buffer[: rows * columns].view(rows, columns)
