"""The check of Task 7: a loop that does not compute on padding, counted by the rows that its cell gets."""

from dataclasses import replace

from rnn_core.own_cells.loop_check import judged, run_with_cells
from rnn_core.own_cells.report import Remark, remark
from rnn_core.own_cells.subject import Checking, Subject


def check_padding(subject: Subject) -> Checking:
    """The check of Task 7."""
    runs = yield from run_with_cells(subject)
    remarks = [
        replace(one, code="ended-rows-change") if one.code == "reads-padding" else one for one in judged(runs)
    ]
    if not any(one.is_wrong for one in remarks):
        reading = runs.plain.reading(0)
        remarks.append(_counted(reading.rows, sum(reading.lengths)))
    return subject.report(remarks, built_on=(runs.built_on,))


def _counted(rows: int, words: int) -> Remark:
    """The remark on how many rows the cell computed of how many words."""
    if rows <= words:
        return remark("skips-padding", words=words, rows=rows)
    return remark("computes-on-padding", words=words, rows=rows, padding=rows - words)
