"""What torch was asked for while a block ran: products of matrices, names of functions, random numbers."""

from types import TracebackType
from typing import Any, Self

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from typing_extensions import override

_PRODUCTS = {
    "aten::mm": (0, 1), "aten::bmm": (0, 1), "aten::mv": (0, 1), "aten::dot": (0, 1), "aten::addmm": (1, 2),
    "aten::addmv": (1, 2), "aten::baddbmm": (1, 2), "aten::addbmm": (1, 2), "aten::linear": (0, 1),
}  # fmt: skip
"""By the name of torch's operator: the places of its two factors."""


class Observed:
    """A block that is looked at: `with Observed() as observed: ...`."""

    def __init__(self) -> None:
        self.products: list[list[list[int]]] = []
        """The shapes of both factors of each product of matrices, in their order."""
        self.functions: dict[str, None] = {}
        """The names of torch's functions that were called, such as "gru_cell"."""
        self.random: dict[str, None] = {}
        """The names of operators that drew random numbers."""
        self._modes = (_Functions(self.functions), _Operators(self))

    def __enter__(self) -> Self:
        for mode in self._modes:
            mode.__enter__()  # type: ignore[no-untyped-call]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for mode in reversed(self._modes):
            mode.__exit__(kind, error, trace)  # type: ignore[no-untyped-call]

    def said(self) -> dict[str, Any]:
        """What JSON can hold."""
        return {"products": self.products, "functions": sorted(self.functions), "random": sorted(self.random)}


class _Functions(TorchFunctionMode):
    def __init__(self, names: dict[str, None]) -> None:
        super().__init__()
        self._names = names

    @override
    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        self._names[getattr(func, "__name__", "")] = None
        return func(*args, **(kwargs or {}))


class _Operators(TorchDispatchMode):
    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """With True torch imports its compiler at the first operator, which takes seconds."""
        return False

    def __init__(self, observed: Observed) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._observed = observed

    @override
    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        name = func._schema.name
        if (places := _PRODUCTS.get(name)) is not None:
            factors = [args[place] for place in places]
            self._observed.products.append([[*one.shape] for one in factors if isinstance(one, Tensor)])
        if torch.Tag.nondeterministic_seeded in func.tags:
            self._observed.random[name.removeprefix("aten::")] = None
        return func(*args, **(kwargs or {}))
