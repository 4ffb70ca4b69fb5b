"""What is read from outside, spoilt in thousands of ways: strategies for Hypothesis, and its budget.

Hypothesis draws a number, and the rest follows from it: to draw each part of each value took half the time.
"""

import copy
import json
import random

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

ALL_CASES = 4_000
"""Of all property tests together; the same ones every time, so that none fails by chance."""

_WHOLE = [0, 1, -1, 7, 10**30, -(10**30), 2**63, 10**400]
_DECIMAL = [0.5, -0.0, 1e308, -1e308, 5e-324, *map(float, ("nan", "inf", "-inf"))]
_TEXTS = ["", "x", "NaN", "\ud800", "é" * 3, "x" * 3_000, "../../x", "<script>", "\x00", "-Infinity", "1e400"]
_LEAVES = [None, True, False, *_WHOLE, *_DECIMAL, *_TEXTS]
_TAILS = [b"", b"[" * 2_000, b'{"a":' * 2_000, b"\xff", b"NaN", b'"', b"\\", b","]
_SEEDS = st.integers(0, 2**64 - 1).map(random.Random)


def junk(rng, depth=3):
    """A value of JSON, of any kind."""
    kind = rng.randrange(5) if depth else 0
    if kind == 1:
        return [junk(rng, depth - 1) for _ in range(rng.randrange(4))]
    if kind == 2:
        return {rng.choice(_TEXTS): junk(rng, depth - 1) for _ in range(rng.randrange(4))}
    if kind == 3:
        return rng.uniform(-10.0, 10.0) * 10.0 ** rng.randint(-20, 20)
    if kind == 4:
        return rng.randint(-(2**31), 2**31)
    return rng.choice(_LEAVES)


JUNK = _SEEDS.map(junk)


def cases(share):
    """The settings of a property test that gets this share of all cases."""
    return settings(
        max_examples=round(ALL_CASES * share),
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],  # shrinking takes minutes
    )


def spoilt_json(value):
    """The JSON of a value in which some parts are gone, of another kind, or where the text is damaged."""
    return _SEEDS.map(lambda rng: _spoilt(rng, value))


def _spoilt(rng, value):
    changed = copy.deepcopy(value)
    for _ in range(rng.randrange(5)):
        changed = _spoil(rng, changed)
    content = json.dumps(changed).encode()
    if rng.randrange(5):
        return content
    place = rng.randint(0, len(content))
    return content[:place] + rng.choice(_TAILS) + content[rng.randint(place, len(content)) :]


def _spoil(rng, value):
    """The value with one change, somewhere in it."""
    places = list(value) if isinstance(value, dict) else []
    if isinstance(value, list):
        places = list(range(len(value)))
    if not places or not rng.randrange(10):
        return junk(rng)
    place = rng.choice(places)
    what = rng.randrange(6)
    if what == 0:
        del value[place]
    elif what == 1 and isinstance(value, dict):
        value[rng.choice(_TEXTS)] = junk(rng)
    elif what == 1:
        value.append(copy.deepcopy(value[place]))
    else:
        value[place] = _spoil(rng, value[place])
    return value
