"""a^n b^n c^n: as many c as b as a, which asks a network to count twice at once."""

from dataclasses import dataclass
from typing import ClassVar

from rnn_core.languages.anbn import Blocks, counting
from rnn_core.languages.language import NUMBER


@dataclass(frozen=True, slots=True, kw_only=True)
class AnBnCn(Blocks):
    """a^n b^n c^n."""

    name = "anbncn"
    title = "aⁿbⁿcⁿ"
    rule = "Some a, at least one, then as many b, then as many c."
    decides = "every b after the first, every c, and the end"
    tracked: ClassVar = {"a so far": NUMBER, "b to come": NUMBER, "c to come": NUMBER}
    learning_rate = 3e-3
    symbols = ("a", "b", "c")
    automaton = counting("abc")
