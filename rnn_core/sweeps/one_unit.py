"""The question whether one unit knows the verdict: its results, which a command makes, and the text on them.

The text uses the fields of `OneUnit`, and `knows`: network and state -> KnownVerdicts.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

from rnn_core.errors import SweepError
from rnn_core.files import FormatError, from_json, to_json, write_whole
from rnn_core.inspection.verdict_units import KnownVerdicts
from rnn_core.paths import results_folder
from rnn_core.shapes import Count, Line
from rnn_core.sweeps.findings import fill
from rnn_core.sweeps.questions import read_unswept

TITLE, MEANS, _TEXT = read_unswept("one-unit")


@dataclass(frozen=True, slots=True, kw_only=True)
class OneUnit:
    """Verdicts that the units of a network know."""

    model: Line
    hidden_size: Count
    parameters: Count
    texts: Count
    """The most texts of each split that were read."""
    found: tuple[KnownVerdicts, ...]

    def in_words(self) -> tuple[str, str, str] | None:
        """A sentence that answers, the paragraph and its limits, in Markdown; None where they don't hold."""
        by_name = {(one.network, one.state): one for one in self.found}
        return fill(_TEXT, {**asdict(self), "knows": lambda *names: by_name[names]})


def one_unit_path() -> Path:
    """The file of the results."""
    return results_folder() / "one-unit.json"


def keep_one_unit(found: OneUnit) -> None:
    """Put these results in the place of those there were. Raises OSError."""
    one_unit_path().parent.mkdir(parents=True, exist_ok=True)
    write_whole(one_unit_path(), (to_json(asdict(found), indent=2) + "\n").encode())


def read_one_unit() -> OneUnit | None:
    """The results; None where there are none. Raises SweepError for a damaged file."""
    try:
        found: OneUnit = from_json(one_unit_path().read_bytes(), OneUnit)
    except FileNotFoundError:
        return None
    except (OSError, FormatError) as error:
        raise SweepError(f"{one_unit_path().name} can't be read: {error}") from error
    return found
