"""What is read from outside, spoilt in thousands of ways: strategies for Hypothesis, and its budget."""

import copy
import json
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

ALL_CASES = 10_000
"""Of all property tests together; the same ones every time, so that none fails by chance."""

_LARGE = [10**30, -(10**30), 2**63, 10**400, -1, 0, 1e308, -1e308, 5e-324, float("nan"), float("inf")]
_TEXTS = ["", "x", "NaN", "\ud800", "é" * 3, "x" * 3_000, "../../x", "<script>", "\x00", "-Infinity", "1e400"]
_LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
    st.sampled_from(_LARGE), st.sampled_from(_TEXTS),
)  # fmt: skip
JUNK = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def cases(share: float) -> settings:
    """The settings of a property test that gets this share of all cases."""
    return settings(
        max_examples=round(ALL_CASES * share), derandomize=True, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],  # shrinking takes minutes
    )  # fmt: skip


@st.composite
def spoilt_json(draw: st.DrawFn, value: Any) -> bytes:
    """The JSON of a value in which some parts are gone, of another kind, or where the text is damaged."""
    changed = copy.deepcopy(value)
    for _ in range(draw(st.integers(0, 3))):
        changed = _spoil(draw, changed)
    content = json.dumps(changed).encode()
    if draw(st.integers(0, 4)):
        return content
    place = draw(st.integers(0, len(content)))
    added = draw(st.sampled_from([b"", b"[" * 2_000, b'{"a":' * 2_000, b"\xff", b"NaN", b'"', b"\\", b","]))
    return content[:place] + added + content[draw(st.integers(place, len(content))) :]


def _spoil(draw: st.DrawFn, value: Any) -> Any:
    """The value with one change, somewhere in it."""
    places = (
        list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    )
    if not places or not draw(st.integers(0, 9)):
        return draw(JUNK)
    place = draw(st.sampled_from(places))
    what = draw(st.integers(0, 5))
    if what == 0:
        del value[place]
    elif what == 1 and isinstance(value, dict):
        value[draw(st.text(max_size=8))] = draw(JUNK)
    elif what == 1:
        value.append(copy.deepcopy(value[place]))
    else:
        value[place] = _spoil(draw, value[place])
    return value
