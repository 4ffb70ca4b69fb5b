"""Refusals as rows of a table: what is done, what is said."""

from inspect import signature

import pytest


def refusals(error, rows):
    """Returns a test with a case for each row, which fails by the row's name.

    `rows` maps a name to what is done, a function whose arguments are fixtures, and what the error says: one
    text, or several that are all said, in any place.

        test_no_such_size = refusals(ConfigError, {
            "none": (lambda: Size(0), "at least 1, got 0"),
            "a file": (lambda tmp_path: read(tmp_path / "none.csv"), ("none.csv", "is not there")),
        })
    """

    @pytest.mark.parametrize(("done", "said"), [pytest.param(*row, id=name) for name, row in rows.items()])
    def refused(done, said, request):
        given = {name: request.getfixturevalue(name) for name in signature(done).parameters}
        with pytest.raises(error) as refusal:
            done(**given)
        for words in [said] if isinstance(said, str) else said:
            assert words in str(refusal.value)

    return refused
