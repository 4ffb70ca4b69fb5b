"""The lines of the text of a cell: a tokenizer, and a parser that goes down through the precedences.

    text    = { line }
    line    = "const" NAME "=" number
            | NAME "(" "0" ")" "=" ( number | NAME )
            | NAME [ "'" ] "=" sum
            | NAME { "," NAME } "(" width [ "," width ] ")"
            | NAME "~" sum [ last ]
            | NAME "in" "[" number "," number "]" [ last ]
    last    = "in" "the" "last" "layer"
    width   = "E" | "H" | WHOLE
    number  = [ "-" ] NUMBER
    sum     = term { ( "+" | "-" ) term }
    term    = factor { ( "*" | "/" ) factor }
    factor  = "-" factor | product
    product = power { "@" NAME }
    power   = atom [ ( "^" | "**" ) ( number | NAME ) ]
    atom    = NUMBER | NAME [ "'" ] | FUNCTION "(" sum { "," sum } ")" | "(" sum ")"

A line ends with the line of the text, or with a comment from # on.
"""

import difflib
import math
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple, NoReturn

import regex

from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product, depth
from rnn_core.equations.functions import FUNCTIONS, INITIAL
from rnn_core.errors import ConfigError

LONGEST, MOST_LINES, DEEPEST, LONGEST_NAME, WIDEST = 4_000, 40, 50, 32, 4_096
SIZES = {"E", "H"}
"""The sizes of a word and a state, which first values may depend on."""
RESERVED = {"x", *SIZES, "const", "in", *INITIAL, *(one.name for one in FUNCTIONS.values() if not one.later)}
TOKEN = regex.compile(
    r"""(?xV1) (?P<number> (?: [0-9]+ \.? [0-9]* | \. [0-9]+ ) (?: [eE] [+-]? [0-9]+ )? )
    | (?P<name> [\p{L}--\p{DI}] [[\p{L}\p{M}\p{Nd}_]--\p{DI}]* )  # letters that are seen, of any script
    | (?P<sign> \*\* | [-+*/@^=~'(),\[\]] )
    | (?P<blank> \s+ )"""
)
_INSTEAD = {
    **dict.fromkeys("−–—", "-"), **dict.fromkeys("×·⋅∗⊙∘", "*"), **dict.fromkeys("’‘′`´", "'"),
    **dict.fromkeys("<>", "where(q, a, b), which is a where q is above 0, else b"),
    "{": "h for the state before and h' for the new one",
    "÷": "/", "²": "^2", "³": "^3", "σ": "sigmoid", "ln": "log",
}  # fmt: skip
"""Signs and words that people type or paste -> their form in this language."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake in a text, and its place: line and column are counted from 1."""

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
    """The name of the quantity; of a new state with its prime."""
    right: Expression
    line: int
    words: str
    """The comment behind it."""


class Constant(NamedTuple):
    """A line that names a number, as `const k = 8`."""

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
        raise EquationsError(Mistake(1, 1, 1, "Equations are a text, such as h' = tanh(x @ W + h @ U + b)."))
    if len(text) > LONGEST:
        said = f"This is {len(text):,} characters long; a cell has at most {LONGEST:,}."
        raise EquationsError(Mistake(1, 1, 1, said))
    lines: list[Line] = []
    mistakes: list[Mistake] = []
    for number, line in enumerate(lines_of(text), 1):
        code, _, words = line.partition("#")
        try:
            if code.strip():
                lines.append(_Parser(code, number, " ".join(words.split())).line())
        except EquationsError as error:
            mistakes += error.mistakes
    count = len(mistakes) + sum(not isinstance(line, First) for line in lines)
    if count > MOST_LINES:
        said = f"These are {count} lines; a cell has at most {MOST_LINES}, without those of first values."
        mistakes = [Mistake(1, 1, 1, said)]
    if mistakes:
        raise EquationsError(*mistakes)
    return lines


def read_right(text: str, more: Mapping[str, int] = MappingProxyType({})) -> Expression:
    """The right side of an equation, in which more functions may stand, with so many arguments each."""
    parser = _Parser(text, 1, "")
    parser.arities |= more
    return parser.right()


def lines_of(text: str) -> list[str]:
    """The lines of a text with each letter in one form, so that places in them are places of mistakes."""
    whole = text.encode(errors="replace").decode()  # without halves of characters
    return regex.split(r"\r\n?|\n", unicodedata.normalize("NFC", whole))


class _Token(NamedTuple):
    kind: str
    text: str
    place: int


class _Parser:
    """One line, token by token."""

    def __init__(self, code: str, number: int, words: str) -> None:
        self.number, self.words, self.at, self.depth = number, words, 0, 0
        self.arities = {name: one.arity for name, one in FUNCTIONS.items()}
        self.tokens = [*self._tokens(code.rstrip())]

    def _tokens(self, code: str) -> Iterator[_Token]:
        place = 0
        while place < len(code):
            found = TOKEN.match(code, place)
            if found is None:
                sign = code[place]
                shown = sign if sign.isprintable() else f"U+{ord(sign):04X}"
                hint = f": write {_INSTEAD[sign]}" if sign in _INSTEAD else ""
                self._wrong(f"“{shown}” means nothing here{hint}.", _Token("", sign, place))
            token = _Token(found.lastgroup, found.group(), place)
            if token.kind == "name" and len(token.text) > LONGEST_NAME:
                self._wrong(f"A name has at most {LONGEST_NAME} letters.", token)
            if token.kind != "blank":
                yield token
            place = found.end()
        yield _Token("end", "", place)

    def line(self) -> Line:
        if self._has("const"):
            name = self._new_name("After const comes")
            self._expect("=", f"After {name} comes = and a number.")
            found: Line = Constant(name, self._number(), self.number)
        else:
            found = self._said_of(self._new_name("A line begins with"))
        if self._now.kind != "end":
            self._unexpected()
        return found

    def _said_of(self, name: str) -> Line:
        if self._has("="):
            return Equation(name, self.right(), self.number, self.words)
        if self._has("'"):
            self._expect("=", f"Write {name}' = … and what the state becomes.")
            return Equation(f"{name}'", self.right(), self.number, self.words)
        if self._has("(", "0", ")", "="):
            value = self._new_name() if self._now.kind == "name" else self._number()
            return Start(name, value, self.number)
        if self._now.text in ("(", ","):
            return self._width(name)
        if self._has("~"):
            self.arities |= {name: one.arity for name, one in INITIAL.items()}
            return First(name, self.right(), self._is_last(), self.number)
        self._expect("in", f"After {name} comes = and what it is.")
        return self._limit(name)

    @property
    def _now(self) -> _Token:
        return self.tokens[self.at]

    def _take(self) -> _Token:
        token = self._now
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def _has(self, *texts: str) -> bool:
        """True if these come next, which then are taken."""
        there = [token.text for token in self.tokens[self.at : self.at + len(texts)]]
        if there != [*texts]:
            return False
        self.at += len(texts)
        return True

    def _expect(self, text: str, sentence: str) -> None:
        if not self._has(text):
            self._wrong(sentence)

    def _close(self, opened: _Token) -> None:
        if self._now.kind == "end":
            self._wrong("This bracket is never closed.", opened)
        if not self._has(")"):
            self._unexpected()

    def _unexpected(self) -> NoReturn:
        token = self._now
        if token.kind == "sign" and token.text != "(":
            self._wrong(f"“{token.text}” can't stand here.")
        self._wrong(f"Before “{token.text}” a sign is missing, such as *, or @ before a matrix.")

    def _new_name(self, before: str = "") -> str:
        """A name that is the author's own."""
        token = self._now
        if token.kind != "name":
            self._wrong(f"{before} a name.")
        if token.text in RESERVED:
            self._wrong(f"{token.text} has a meaning of its own: take another name.")
        return self._take().text

    def _number(self) -> float:
        sign = -1.0 if self._has("-") else 1.0
        if self._now.kind != "number":
            self._wrong("A number must stand here.")
        if not math.isfinite(value := float(self._now.text)):
            self._wrong("This number is too large.")
        if value == 0 and self._now.text.lower().partition("e")[0].strip("0."):
            self._wrong("This number is so small that it would be 0.")
        self._take()
        return sign * value

    def _width(self, first: str) -> Width:
        weights = [first]
        while self._has(","):
            weights.append(self._new_name("After the comma comes"))
        self._expect("(", f"After {weights[-1]} come its widths, such as (E, 1).")
        columns, sizes = self._now, [self._size()]
        if self._has(","):
            columns = self._now
            sizes.append(self._size())
        if columns.text == "E":
            self._wrong("Only rows can be E: x, of E numbers, is multiplied by them.", columns)
        self._expect(")", "Widths are one or two in brackets, such as (E, 1).")
        return Width(tuple(weights), tuple(sizes), self.number)

    def _size(self) -> str | int:
        text = self._now.text
        if text not in ("E", "H") and not (text.isdecimal() and 1 <= int(text) <= WIDEST):
            self._wrong(f"A width is E, H or a whole number from 1 to {WIDEST:,}.")
        self._take()
        return text if text in ("E", "H") else int(text)

    def _limit(self, name: str) -> Limit:
        written = f"Write the least and the largest value of {name}, such as {name} in [-1, 1]."
        self._expect("[", written)
        least = self._number()
        self._expect(",", written)
        at_most = self._now
        most = self._number()
        if least > most:
            self._wrong(f"No number is at least {least:g} and at most {most:g}.", at_most)
        self._expect("]", written)
        return Limit(name, least, most, self._is_last(), self.number)

    def _is_last(self) -> bool:
        return self._has("in", "the", "last", "layer")

    def right(self) -> Expression:
        """The expression that comes next."""
        begins = self._now
        found = self._sum()
        if depth(found) > DEEPEST:
            whole = begins._replace(text=" " * (self._now.place - begins.place))
            self._wrong("This is too long: compute a part of it in a line of its own.", whole)
        return found

    def _sum(self) -> Expression:
        return self._chain(("+", "-"), self._term)

    def _term(self) -> Expression:
        return self._chain(("*", "/"), self._factor)

    def _chain(self, signs: tuple[str, ...], operand: Callable[[], Expression]) -> Expression:
        found = operand()
        while self._now.text in signs:
            sign = self._take()
            right = operand()
            is_clear = sign.text in "+-" or (sign.text == "*" and isinstance(found, Number))
            if self.tokens[self.at - 2].text == "@" and not is_clear:
                said = "Brackets must say what is multiplied by the matrix: (r * h) @ U, or r * (h @ U)."
                self._wrong(said, sign)
            found = Apply(sign.text, (found, right), sign.place)
        return found

    def _factor(self) -> Expression:
        sign = self._now
        if not self._has("-"):
            return self._product()
        inner = self._nested(self._factor)
        if isinstance(inner, Number):
            return Number(-inner.value, sign.place)
        return Apply("-", (inner,), sign.place)

    def _product(self) -> Expression:
        found = self._power()
        while self._now.text == "@":
            sign = self._take()
            if self._now.text == "x":
                self._wrong("x is no matrix: write x @ W, the matrix on the right.")
            found = Product(found, self._new_name("After @ comes the matrix, by"), sign.place)
        return found

    def _power(self) -> Expression:
        base, sign = self._atom(), self._now
        if not (self._has("^") or self._has("**")):
            return base
        power = self._now
        is_name = power.kind == "name"
        exponent = Name(self._new_name(), power.place) if is_name else Number(self._number(), power.place)
        return Apply("^", (base, exponent), sign.place)

    def _atom(self) -> Expression:
        token = self._now
        if token.kind == "number":
            return Number(self._number(), token.place)
        if self._has("("):
            found = self._nested(self._sum)
            self._close(token)
            return found
        if token.kind != "name":
            self._wrong("A number, a name or a bracket must stand here.")
        name = self._take().text
        if self._now.text == "(":
            return self._call(token)
        if self._has("'"):
            if self._now.text == "'":
                self._wrong(f"A new state has one prime: {name}'.")
            return Name(f"{name}'", token.place)
        if name in RESERVED and self.arities.get(name):
            self._wrong(f"{name} is a function: write {name}(…).", token)
        if name in RESERVED - {"x", *self.arities} and not (name in SIZES and "uniform" in self.arities):
            self._wrong(f"{name} is no quantity.", token)
        return Name(name, token.place)

    def _call(self, name: _Token) -> Apply:
        if name.text not in self.arities:
            written = _INSTEAD.get(name.text, name.text.lower())
            near = difflib.get_close_matches(written, self.arities, n=1, cutoff=0.7)
            those = f"there are {', '.join(self.arities)}. A product is {name.text} * (…)."
            hint = f"did you mean {near[0]}?" if near else those
            self._wrong(f"{name.text} is no function here: {hint}", name)
        opened = self._take()
        arguments = [self._nested(self._sum)]
        while self._has(","):
            arguments.append(self._nested(self._sum))
        self._close(opened)
        if len(arguments) != (wanted := self.arities[name.text]):
            self._wrong(f"{name.text} has {wanted} in its brackets, got {len(arguments)}.", name)
        return Apply(name.text, tuple(arguments), name.place)

    def _nested(self, rule: Callable[[], Expression]) -> Expression:
        """Returns the expression that the rule reads, one level deeper."""
        self.depth += 1
        if self.depth > DEEPEST:
            self._wrong(f"This is more than {DEEPEST} brackets or signs deep.")
        found = rule()
        self.depth -= 1
        return found

    def _wrong(self, sentence: str, token: _Token | None = None) -> NoReturn:
        """Raises a mistake in a token, by default the next one."""
        _, text, place = token or self._now
        raise EquationsError(Mistake(self.number, place + 1, max(len(text), 1), sentence))
