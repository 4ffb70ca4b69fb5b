"""From the text of a cell its lines: a tokenizer, and a parser that goes down through the precedences.

    text      = { line }
    line      = "const" NAME "=" number
              | NAME "(" "0" ")" "=" ( number | NAME )
              | NAME ["'"] "=" sum
              | NAME { "," NAME } "(" width [ "," width ] ")"
              | NAME "~" sum [ last ]
              | NAME "in" "[" number "," number "]" [ last ]
    last      = "in" "the" "last" "layer"
    width     = "E" | "H" | a whole number
    sum       = term { ( "+" | "-" ) term }
    term      = factor { ( "*" | "/" ) factor }
    factor    = "-" factor | matrices [ ( "^" | "**" ) [ "-" ] ( NUMBER | NAME ) ]
    matrices  = atom { "@" NAME }
    atom      = NUMBER | NAME [ "'" ] | FUNCTION "(" sum { "," sum } ")" | "(" sum ")"

A line ends with the line of the text, or with a comment from # on.
"""

import difflib
import math
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, NoReturn

from rnn_core.equations.expressions import FUNCTIONS, Apply, Expression, Name, Number, Product
from rnn_core.errors import ConfigError

LONGEST, MOST_LINES, DEEPEST = 4_000, 40, 50
INITIAL = {"uniform": 2, "normal": 2, "identity": 0, "orthogonal": 0, "glorot": 0}
"""What the first values of a weight may be drawn from -> how many numbers it is given."""
RESERVED = {"x", "E", "H", "const", "in", *FUNCTIONS, *INITIAL}
_TOKEN = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d_]\w*)|(?P<sign>\*\*|[-+*/@^=~'(),\[\]])|(?P<blank>\s+)"
)
_LAST = ["in", "the", "last", "layer"]


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in a text, and where: line and column are counted from 1."""

    line: int
    column: int
    length: int
    sentence: str

    def __str__(self) -> str:
        return f"Line {self.line}, column {self.column}: {self.sentence}"


class EquationsError(ConfigError):
    """The text of a cell can't be read: `mistakes` says all that was found."""

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


class Equation(NamedTuple):
    """`z = ...`, or `h' = ...` of a state."""

    name: str
    """With its prime."""
    right: Expression
    line: int
    words: str
    """The comment behind it."""


class Constant(NamedTuple):
    """`const k = 8`."""

    name: str
    value: float
    line: int


class Start(NamedTuple):
    """`h(0) = ...`, what a state is before the first time step: a number, or a weight by its name."""

    state: str
    value: float | str
    line: int


class Width(NamedTuple):
    """`W, V (E, 1)`: rows and columns of matrices, or the numbers of vectors alone; E, H or a number."""

    weights: tuple[str, ...]
    sizes: tuple[str | int, ...]
    line: int


class First(NamedTuple):
    """`u ~ uniform(0, 1)`, what a weight begins as."""

    weight: str
    value: Expression
    is_last_layer: bool
    line: int


class Limit(NamedTuple):
    """`u in [-1, 1]`, where a weight is put back after each optimizer step."""

    weight: str
    least: float
    most: float
    is_last_layer: bool
    line: int


Line = Equation | Constant | Start | Width | First | Limit


def read(text: str) -> list[Line]:
    """The lines of a text. Raises EquationsError, which names the first mistake of each line."""
    if not isinstance(text, str):
        raise EquationsError(
            Mistake(1, 1, 1, "The equations of a cell are a text, such as h' = tanh(x @ W).")
        )
    if len(text) > LONGEST:
        raise EquationsError(
            Mistake(1, 1, 1, f"This is {len(text):,} characters long; a cell has at most {LONGEST:,}.")
        )
    raw = unicodedata.normalize("NFC", text).splitlines()
    if len(raw) > MOST_LINES:
        raise EquationsError(
            Mistake(MOST_LINES + 1, 1, 1, f"These are {len(raw):,} lines; a cell has at most {MOST_LINES}.")
        )
    lines: list[Line] = []
    mistakes: list[Mistake] = []
    for number, line in enumerate(raw, 1):
        code, _, words = line.partition("#")
        try:
            if code.strip():
                lines.append(_Parser(code, number, " ".join(words.split())).line())
        except EquationsError as error:
            mistakes += error.mistakes
    if mistakes:
        raise EquationsError(*mistakes)
    return lines


class _Token(NamedTuple):
    kind: str
    text: str
    place: int


class _Parser:
    """One line, token by token."""

    def __init__(self, code: str, number: int, words: str) -> None:
        self.number, self.words, self.at, self.depth, self.is_initial = number, words, 0, 0, False
        self.tokens = [*self._tokens(code.rstrip())]

    def _tokens(self, code: str) -> Iterator[_Token]:
        place = 0
        while place < len(code):
            found = _TOKEN.match(code, place)
            if found is None:
                self._wrong(f"“{_shown(code[place])}” means nothing here.", place)
            if found.lastgroup != "blank":
                yield _Token(found.lastgroup or "", found.group(), place)
            place = found.end()
        yield _Token("end", "", place)

    def line(self) -> Line:
        if self._has("const"):
            return self._constant()
        name = self._name("A line begins with what it says something of, such as h'.")
        if name.text in RESERVED:
            self._wrong(f"{name.text} has a meaning of its own: take another name.", name.place, name.text)
        match self._take().text:
            case "=":
                found: Line = Equation(name.text, self._whole(), self.number, self.words)
            case "'":
                self._expect("=", f"Write {name.text}' = and what the state becomes.")
                found = Equation(f"{name.text}'", self._whole(), self.number, self.words)
            case "(" if self._has("0", ")", "="):
                found = self._start(name.text)
            case "(" | ",":
                self.at -= 1
                found = self._width(name.text)
            case "~":
                self.is_initial = True
                found = First(name.text, self._sum(), self._is_last(), self.number)
            case "in":
                found = self._limit(name.text)
            case _:
                self._wrong(f"After {name.text} comes = and what it is.", self.tokens[self.at - 1].place)
        if self._now.kind != "end":
            self._wrong(f"“{self._now.text}” is one too many here.", self._now.place, self._now.text)
        return found

    @property
    def _now(self) -> _Token:
        return self.tokens[self.at]

    def _take(self) -> _Token:
        token = self._now
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def _has(self, *texts: str) -> bool:
        """Whether these come next; if so, they are taken."""
        there = [token.text for token in self.tokens[self.at : self.at + len(texts)]]
        if there != [*texts]:
            return False
        self.at += len(texts)
        return True

    def _expect(self, text: str, sentence: str) -> None:
        if not self._has(text):
            self._wrong(sentence, self._now.place, self._now.text)

    def _name(self, sentence: str) -> _Token:
        if self._now.kind != "name":
            self._wrong(sentence, self._now.place, self._now.text)
        return self._take()

    def _number(self) -> float:
        sign = -1.0 if self._has("-") else 1.0
        token = self._take()
        if token.kind != "number":
            self._wrong("Here stands a number.", token.place, token.text)
        if not math.isfinite(value := float(token.text)):
            self._wrong("This number is too large.", token.place, token.text)
        return sign * value

    def _constant(self) -> Constant:
        name = self._name("After const comes a name.")
        self._expect("=", "After the name of a constant comes = and a number.")
        return Constant(name.text, self._number(), self.number)

    def _start(self, state: str) -> Start:
        value = self._take().text if self._now.kind == "name" else self._number()
        return Start(state, value, self.number)

    def _width(self, first: str) -> Width:
        weights = [first]
        while self._has(","):
            weights.append(self._name("After a comma comes the name of one more weight.").text)
        self._expect("(", f"After {weights[-1]} come its widths, such as (E, 1).")
        sizes = [self._size()]
        if self._has(","):
            sizes.append(self._size())
        self._expect(")", f"The widths of {weights[-1]} end with a bracket, such as (E, 1).")
        return Width(tuple(weights), tuple(sizes), self.number)

    def _size(self) -> str | int:
        token = self._take()
        if token.text in ("E", "H"):
            return token.text
        if not token.text.isdecimal() or not 1 <= int(token.text) <= 4096:
            self._wrong("A width is E, H or a whole number from 1 to 4,096.", token.place, token.text)
        return int(token.text)

    def _limit(self, name: str) -> Limit:
        self._expect("[", f"Write the least and the largest value of {name}, such as {name} in [-1, 1].")
        least = self._number()
        self._expect(",", "Between the least and the largest value stands a comma.")
        most = self._number()
        self._expect("]", "After the largest value comes ].")
        if least > most:
            self._wrong(f"No number is at least {least:g} and at most {most:g}.", 0)
        return Limit(name, least, most, self._is_last(), self.number)

    def _is_last(self) -> bool:
        return self._has(*_LAST)

    def _whole(self) -> Expression:
        if self._now.kind == "end":
            self._wrong("After = comes what it is.", self._now.place)
        return self._sum()

    def _sum(self) -> Expression:
        self.depth += 1
        if self.depth > DEEPEST:
            self._wrong(f"This is more than {DEEPEST} brackets deep.", self._now.place)
        found = self._chain(("+", "-"), self._term)
        self.depth -= 1
        return found

    def _term(self) -> Expression:
        return self._chain(("*", "/"), self._factor)

    def _chain(self, signs: tuple[str, ...], operand: Callable[[], Expression]) -> Expression:
        found, length = operand(), 1
        while self._now.text in signs:
            sign, length = self._take(), length + 1
            if length > DEEPEST:
                self._wrong(f"These are more than {DEEPEST} in a row.", sign.place)
            begins_bare = self._now.kind == "name"
            right = operand()
            if (
                isinstance(right, Product)
                and begins_bare
                and sign.text in ("*", "/")
                and not isinstance(found, Number)
            ):
                self._wrong(
                    "A bracket must say what is multiplied by the matrix: (r * h) @ U, or r * (h @ U).",
                    sign.place,
                )
            found = Apply(sign.text, (found, right), sign.place)
        return found

    def _factor(self) -> Expression:
        sign = self._now
        if self._has("-"):
            self.depth += 1
            if self.depth > DEEPEST:
                self._wrong(f"These are more than {DEEPEST} signs in a row.", sign.place)
            inner = self._factor()
            self.depth -= 1
            return (
                Number(-inner.value, sign.place)
                if isinstance(inner, Number)
                else Apply("-", (inner,), sign.place)
            )
        found = self._matrices()
        if self._now.text in ("^", "**"):
            sign = self._take()
            minus = self._has("-")
            if self._now.kind == "name" and not minus:
                exponent: Expression = Name(self._take().text, sign.place)
            else:
                exponent = Number(-self._number() if minus else self._number(), sign.place)
            found = Apply("^", (found, exponent), sign.place)
        return found

    def _matrices(self) -> Expression:
        found = self._atom()
        while self._now.text == "@":
            sign = self._take()
            matrix = self._name("After @ comes the name of a matrix, such as W.")
            if matrix.text in RESERVED:
                self._wrong(f"{matrix.text} is no matrix.", matrix.place, matrix.text)
            found = Product(found, matrix.text, sign.place)
        return found

    def _atom(self) -> Expression:
        token = self._now
        if token.kind == "number":
            return Number(self._number(), token.place)
        if self._has("("):
            found = self._sum()
            self._expect(")", "Here a bracket is still open.")
            return found
        name = self._name("Here stands a number, a name or a bracket.")
        if self._has("("):
            return self._call(name)
        if self._has("'"):
            if self._now.text == "'":
                self._wrong(f"A new state has one prime: {name.text}'.", self._now.place)
            return Name(f"{name.text}'", name.place)
        if name.text in FUNCTIONS or (
            name.text in INITIAL and not (self.is_initial and not INITIAL[name.text])
        ):
            self._wrong(f"{name.text} is a function: write {name.text}(…).", name.place, name.text)
        if name.text in RESERVED - {"x", *INITIAL}:
            self._wrong(f"{name.text} is no quantity.", name.place, name.text)
        return Name(name.text, name.place)

    def _call(self, name: _Token) -> Apply:
        known = {**FUNCTIONS, **{one: count for one, count in INITIAL.items() if count and self.is_initial}}
        if name.text not in known:
            near = difflib.get_close_matches(name.text, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"for a product write {name.text} * (…)."
            self._wrong(f"{name.text} is no function here: {hint}", name.place, name.text)
        arguments = [self._sum()]
        while self._has(","):
            arguments.append(self._sum())
        self._expect(")", f"The bracket of {name.text} is still open.")
        if len(arguments) != known[name.text]:
            wanted = known[name.text]
            of = f"{wanted} argument{'s' if wanted > 1 else ''}"
            self._wrong(f"{name.text} has {of}, got {len(arguments)}.", name.place, name.text)
        return Apply(name.text, tuple(arguments), name.place)

    def _wrong(self, sentence: str, place: int, text: str = "") -> NoReturn:
        raise EquationsError(Mistake(self.number, place + 1, max(len(text), 1), sentence))


def _shown(sign: str) -> str:
    return sign if sign.isprintable() else f"U+{ord(sign):04X}"
