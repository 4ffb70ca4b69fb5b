"""Recurrent cells from scratch, the training that fits them and the instruments that look inside."""

__version__ = "0.1.0"
