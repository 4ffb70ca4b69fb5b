"""The report on a student's file: remarks in the language of the mistake, the first mistake first."""

from collections.abc import Iterator
from dataclasses import dataclass

from rnn_core.cell_files.traced import Traced
from rnn_core.own_cells.mistakes import MISTAKES
from rnn_core.refusals import listing

WORTH_KNOWING = "Not wrong, and worth knowing"
PRINTED = "What it printed"
"""Headings of a report's parts."""
_NOT_DEFINED = ("It must define", "__init__ must be written")
"""Beginnings of a sentence of `Submission` that says that something is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One mistake, or one thing worth knowing that is none."""

    code: str
    """A key of `MISTAKES`."""
    is_wrong: bool
    sentence: str
    """The mistake, its place, and what to do; never a traceback."""
    line: int | None = None
    """Line of the student's file, counted from 1."""
    shapes: str = ""
    """Both shapes, such as "yours (32, 64), expected (64, 32)"."""
    yours: tuple[float, ...] = ()
    """Three numbers that the student's code computed, where values differ; `ours` are those expected."""
    ours: tuple[float, ...] = ()
    is_reported: bool = False
    """True if only the process that ran the student's code could see it."""

    @property
    def title(self) -> str:
        """The mistake, or the variant, in a few words."""
        return MISTAKES[self.code].title

    @property
    def explanation(self) -> str:
        """Why it is wrong, or why it is not."""
        return MISTAKES[self.code].explanation

    @property
    def details(self) -> Iterator[str]:
        """Sentences on shapes and numbers that differ."""
        if self.shapes:
            yield f"Shapes: {self.shapes}."
        if self.yours:
            yours, ours = (", ".join(f"{one:.4g}" for one in some) for some in (self.yours, self.ours))
            yield f"Your numbers: {yours}. Expected: {ours}."

    @property
    def full_sentence(self) -> str:
        """The sentence with its line, where it does not name one, and with who says so.

        >>> Remark(code="no-nonlinearity", is_wrong=True, sentence="There is no tanh.", line=14).full_sentence
        'Line 14: There is no tanh.'
        """
        where = "" if self.line is None or f"line {self.line}" in self.sentence else f"Line {self.line}: "
        return f"{where}{self.sentence}" + (" (The code itself reports this.)" if self.is_reported else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that a check found in one file."""

    exercise: str
    """ "1" to "7", or empty for a cell that is checked by no exercise."""
    file: str
    digest: str
    remarks: tuple[Remark, ...]
    fits: str = ""
    """The right cell that computes the same, in words, such as "a GRU with the reset before the product"."""
    built_on: tuple[str, ...] = ()
    """Parts of earlier exercises that were used, such as "your my_rnn.py" and "our plain RNN"."""
    equations: str = ""
    """The equations that its code computes, right or wrong; empty where there are none."""
    traced: Traced | None = None
    """The equations of what is right, where it has some."""
    printed: str = ""
    """All that the student's code printed."""
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """True if nothing is wrong."""
        return not any(remark.is_wrong for remark in self.remarks)

    @property
    def mistakes(self) -> tuple[Remark, ...]:
        """The remarks that say what is wrong, the first mistake first."""
        return tuple(remark for remark in self.remarks if remark.is_wrong)

    @property
    def notes(self) -> tuple[Remark, ...]:
        """The remarks on what is right and worth knowing."""
        return tuple(remark for remark in self.remarks if not remark.is_wrong)

    @property
    def what_it_computes(self) -> str:
        """A sentence on the right cell that computes the same; empty where there is none."""
        return f"It computes the same as {self.fits}." if self.fits else ""

    @property
    def checked_with(self) -> str:
        """A sentence on parts of earlier tasks that were used; empty where there are none."""
        return f"It was checked together with {listing(self.built_on)}." if self.built_on else ""


def remark(
    code: str,
    name: str = "",
    /,
    *,
    line: int | None = None,
    yours: tuple[float, ...] = (),
    ours: tuple[float, ...] = (),
    **values: object,
) -> Remark:
    """The remark of this code, with values in the places of its sentence, of several that of this `name`.

    A `shape` that the student's code has, and the one `wanted`, are said beside it too. Raises
    UnknownNameError for an unknown code, KeyError for an unknown name or a place without a value.
    """
    mistake = MISTAKES[code]
    sentence = mistake.sentences[name]
    return Remark(
        code=code,
        is_wrong=mistake.is_wrong,
        sentence=sentence.filled(values),
        line=line,
        shapes="yours {shape}, expected {wanted}".format(**values)
        if {"shape", "wanted"} <= {*values}
        else "",
        yours=yours,
        ours=ours,
        is_reported=sentence.is_reported,
    )


def error_remark(error: str, line: int | None) -> Remark:
    """The remark on an error in a student's code, as `OwnCellError.sentence` says it."""
    said = error.removesuffix(".")
    if said.startswith("NotImplementedError"):
        what = said.removeprefix("NotImplementedError").removeprefix(": ") or "Write your lines here"
        return remark("not-written", line=line, what=what.removesuffix("."))
    return remark("not-defined" if said.startswith(_NOT_DEFINED) else "raises", line=line, error=said)
