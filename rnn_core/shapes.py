"""The shapes of values from outside: numbers and words with their bounds, as msgspec checks them."""

from typing import Annotated

import msgspec

MOST_STEPS = 1_000_000_000
"""The optimizer steps of the longest training that settings allow: a million reviews a thousand times."""
_FLOAT32 = 3.4028234663852886e38
"""The largest number that a network computes with."""

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Amount = Annotated[float, msgspec.Meta(ge=0, le=_FLOAT32)]
Number = Annotated[float, msgspec.Meta(ge=-_FLOAT32, le=_FLOAT32)]
Count = Annotated[int, msgspec.Meta(ge=0, le=MOST_STEPS)]
Line = Annotated[str, msgspec.Meta(max_length=2_000)]
"""A text for people."""
LONGEST_NAME = 80
"""The characters of the name that a user gives a run."""
LONGEST_NOTE = 2_000
Seed = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Value = bool | int | float | Annotated[str, msgspec.Meta(max_length=4_000)]
"""The value of a setting; the longest are the equations of a cell."""
