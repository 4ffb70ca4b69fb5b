import pytest

from rnn_core.files import FormatError
from rnn_core.own_cells.report import Remark, Report, remark
from rnn_core.registry import UnknownNameError


def report(*remarks: Remark) -> Report:
    return Report(exercise="4", file="my_gru.py", digest="0" * 64, remarks=remarks)


def test_a_report_with_notes_alone_has_passed():
    note, mistake = remark("keep-gate", "z keeps."), remark("no-nonlinearity", "No tanh.", line=7)
    assert report(note).passed
    assert not report(note, mistake).passed
    assert report(note, mistake).mistakes == (mistake,)


def test_a_report_outlives_its_way_through_json():
    kept = report(remark("no-nonlinearity", "No tanh.", line=7, yours=(1.0, 2.0, 3.0), shapes="yours (2, 3)"))
    assert Report.from_dict(kept.to_dict()) == kept


def test_a_report_of_another_shape_is_refused():
    with pytest.raises(FormatError):
        Report.from_dict({"exercise": 4})


def test_a_remark_without_a_known_code_is_refused():
    with pytest.raises(UnknownNameError):
        remark("no-such-code", "What?")
