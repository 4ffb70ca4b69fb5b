"""A text short enough for an address: compressed by zlib, in the letters of base64url, without padding."""

import base64
import binascii
import zlib


class DamagedTextError(ValueError):
    """What is not the whole of a packed text, or of one that is too long; the message says so."""


def pack(text: str) -> str:
    """A text in letters, digits, - and _ only.

    A character that UTF-8 can't hold, half of a surrogate pair, becomes ?.
    """
    squeezed = zlib.compress(text.encode("utf-8", "replace"), level=9)
    return base64.urlsafe_b64encode(squeezed).decode().rstrip("=")


def unpack(packed: str, most: int) -> str:
    """The text again, of at most `most` characters. Raises DamagedTextError.

    A few letters can stand for a text of any length, so no more is unpacked than may be kept.

    >>> unpack(pack("great"), 5)
    'great'
    """
    most_bytes = 4 * most
    squeezed = zlib.decompressobj()
    try:
        text = squeezed.decompress(_bytes(packed), most_bytes + 1)
        if len(text) > most_bytes or not squeezed.eof or squeezed.unused_data:
            raise DamagedTextError(f"a packed text must be whole, and of at most {most:,} characters")
        unpacked = text.decode()
    except (binascii.Error, zlib.error, UnicodeError) as error:
        raise DamagedTextError("a packed text must be zlib in base64url") from error
    if len(unpacked) > most:
        raise DamagedTextError(f"a packed text must be of at most {most:,} characters, got {len(unpacked):,}")
    return unpacked


def _bytes(packed: str) -> bytes:
    letters = packed.encode("ascii")
    return base64.b64decode(letters + b"=" * (-len(letters) % 4), altchars=b"-_", validate=True)
