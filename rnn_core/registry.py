"""Named values of one kind, such as cells or readouts: what varies has one home, and is found by its name."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Generic, TypeVar

from rnn_core.errors import ConfigError
from rnn_core.refusals import shown

V = TypeVar("V")
HOMES: dict[str, tuple[str, ...]] = {}
"""Kind -> the modules that have its values, in the order of lists; the package itself fills it in."""


class UnknownNameError(ConfigError, KeyError):
    """A name under which nothing is registered; the text lists those that are."""

    __str__ = ConfigError.__str__  # KeyError's shows the text between quotation marks


class Registry(Mapping[str, V], Generic[V]):
    """The values registered of one kind, by name, in the order of registration."""

    def __init__(self, kind: str, values: Mapping[str, V] | None = None) -> None:
        """`kind` is what one of them is called in a message.

        >>> Registry("readout", {"last": 1})["first"]
        Traceback (most recent call last):
        rnn_core.registry.UnknownNameError: There is no readout called 'first'. Choose one of: last.
        """
        self.kind = kind
        self._values: dict[str, V] = dict(values or {})

    def register(self, name: str, value: V) -> None:
        """Adds a value. Raises ConfigError for a name that is taken."""
        if name in self._values:
            raise ConfigError(f"There is already a {self.kind} called {shown(name)}: give it another name.")
        self._values[name] = value

    def complete(self, name: str, **more: Any) -> None:
        """Add to a declaration what stands above it, such as its class. Raises UnknownNameError."""
        self._values[name] = replace(self[name], **more)  # type: ignore[type-var]

    def remove(self, name: str) -> None:
        """Takes a value out again. Raises UnknownNameError where there is none of that name."""
        self[name]
        del self._values[name]

    def __getitem__(self, name: str) -> V:
        try:
            return self._values[name]
        except (KeyError, TypeError):  # TypeError: a name from outside that is a list
            raise UnknownNameError(
                f"There is no {self.kind} called {shown(name)}. Choose one of: {', '.join(self)}."
            ) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return sum(1 for _ in self)
