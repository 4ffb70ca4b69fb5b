"""Operations of torch while a block ran: products of matrices, random numbers, shorter types."""

from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from typing_extensions import override

_PRODUCTS = {
    "aten::mm": (0, 1), "aten::bmm": (0, 1), "aten::mv": (0, 1), "aten::dot": (0, 1), "aten::addmm": (1, 2),
    "aten::addmv": (1, 2), "aten::baddbmm": (1, 2), "aten::addbmm": (1, 2), "aten::linear": (0, 1),
}  # fmt: skip
"""Name of torch's operator -> the places of its two factors."""


class Watching(TorchDispatchMode):
    """A block in which each operator of torch is seen."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Return False: with True torch imports its compiler at the first operator, which takes seconds."""
        return False


class Observed(Watching):
    """A block that is looked at: `with Observed() as observed: ...`."""

    def __init__(self) -> None:
        super().__init__()
        self.products: list[list[list[int]]] = []
        """The shapes of both factors of each product of matrices, in their order."""
        self.random: dict[str, None] = {}
        """The names of operators that drew random numbers."""
        self.types: dict[str, None] = {}
        """Types of numbers shorter than float64 that were made of others, in tensors of several."""

    def said(self) -> dict[str, Any]:
        """All that was observed, as JSON can hold it."""
        return {"products": self.products, "random": sorted(self.random)}

    @override
    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        name = func._schema.name
        if (places := _PRODUCTS.get(name)) is not None:
            factors = [args[place] for place in places]
            self.products.append([[*one.shape] for one in factors if isinstance(one, Tensor)])
        if torch.Tag.nondeterministic_seeded in func.tags:
            self.random[name.removeprefix("aten::")] = None
        made = func(*args, **(kwargs or {}))
        is_short = isinstance(made, Tensor) and made.is_floating_point() and made.dtype != torch.float64
        if is_short and made.numel() > 1 and any(isinstance(one, Tensor) for one in args):
            self.types[str(made.dtype).removeprefix("torch.")] = None
        return made
