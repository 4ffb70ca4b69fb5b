"""The certainty of a sentence: the seed that is named changes it, a nearer one does not."""

import re

import pandas as pd
import pytest

from rnn_core.progress import finish
from rnn_core.sweeps.findings import finding_of
from rnn_core.sweeps.further_seed import how_sure
from rnn_core.sweeps.questions import QUESTIONS, name_cases, share_compared
from rnn_core.sweeps.side_by_side import case_name, measures_of
from tests.sweeps.test_findings import is_written, steadily

GONE = "it could no longer be said."
NEEDS = re.compile(r"- \*\*(.+)\*\* at ([\d.]+)(%?)(?: or \w+)? \(.*?\): (.*)")


def said(name, table):
    """The answer for a question of these runs, and the column that is varied."""
    question, column = QUESTIONS[name], share_compared(QUESTIONS[name].sweep)
    measures = measures_of(question.sweep, name_cases(question.sweep, table))
    return finish(how_sure(question, table, measures[column])), column


@pytest.mark.parametrize("name", ["gates", "readouts", "network", "memory"])
def test_a_nearer_seed_leaves_the_words(name, committed):
    """The row is put into the results, and the finding is made of them as on the page: a second way."""
    question, table = QUESTIONS[name], committed(name)
    answer, column = said(name, table)
    table = name_cases(question.sweep, table).sort_values(column)
    names = table.apply(lambda run: case_name(question.text.keys, run[[*question.text.keys]]), axis=1)

    def found(case, score):
        rows = table[names == case]
        row = rows.iloc[[(len(rows) - 1) // 2]].assign(**{column: score})
        return finding_of(question.sweep, pd.concat([table, row]), committed)

    def words(finding):
        return re.sub(r"\d+\.\d+", "", finding.lead)

    now, needed = finding_of(question.sweep, table, committed), NEEDS.findall(answer)
    assert len(needed) == 3
    for case, number, percent, then in needed:
        score = float(number) / (100 if percent else 1)
        nearer = score + (0.001 if score < table[names == case][column].median() else -0.001)
        assert words(found(case, nearer)) == words(now) != words(changed := found(case, score))
        assert then == (f"it would say *{changed.lead}*" if is_written(changed) else GONE)


def test_figures_of_the_sentence_may_change(committed):
    """Any further seed moves these two shares, and one of 0% makes a range of a mean."""
    assert said("layers", committed("layers"))[0].startswith("No further seed of one case would change")


def test_without_a_text_there_is_nothing_to_change():
    assert said("gates", steadily("gates"))[0].startswith("Its text is not shown")
