"""The check of Task 7: a loop that does not compute on padding, counted by the rows that its cell gets."""

from rnn_core.own_cells.loop_check import judged, run_with_cells
from rnn_core.own_cells.loop_mistakes import counted
from rnn_core.own_cells.report import Remark, remark
from rnn_core.own_cells.subject import Checking, Findings, Subject


def check_padding(subject: Subject) -> Checking:
    """The check of Task 7."""
    runs = yield from run_with_cells(subject)
    remarks = judged(runs, after_the_end="ended-rows-change")
    if not any(one.is_wrong for one in remarks):
        reading = runs.plain.reading(0)
        remarks.append(_counted(reading.rows, sum(reading.lengths)))
    return Findings(remarks=tuple(remarks), built_on=(runs.built_on,))


def _counted(rows: int, words: int) -> Remark:
    """The remark on how many rows the cell computed of how many words."""
    has, computed = counted(words, "word"), counted(rows, "row")
    if rows <= words:
        sentence = f"The reviews have {has}, and the cell computed {computed}: none is padding."
        return remark("skips-padding", sentence, is_reported=True)
    sentence = (
        f"Right, but the reviews have {has} and the cell computed {computed}, "
        f"{counted(rows - words, 'row')} of padding among them. Give the cell only the rows that are still "
        "running."
    )
    return remark("computes-on-padding", sentence, is_reported=True)
