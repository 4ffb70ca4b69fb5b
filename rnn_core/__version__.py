"""The version of Gatescope."""

__version__ = "0.7.0"
