"""The one spelling in which tokens are looked for, whatever way a text was typed."""

import re
import unicodedata

import regex

from rnn_core.config.tokens import TokenRules

_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_APOSTROPHES = str.maketrans(dict.fromkeys("‘’‛ʼ", "'"))
_ACCENTS = regex.compile(r"(?<=[\p{Latin}\p{Greek}\p{Cyrillic}])\p{Mn}+")


def fold(text: str, rules: TokenRules) -> str:
    """NFKC, curly apostrophes straightened, `<br />` replaced by a space; lower case and no accents if asked.

    Accents are stripped from letters of the Latin, Greek and Cyrillic scripts alone (й becomes и, too), since
    in other scripts marks are vowels, or distinguish letters. A stroke, as in ø or ł, is no mark.

    >>> fold("Café ＮＯ<br/>ÿ", TokenRules(accents="strip"))
    'cafe no y'
    """
    folded = unicodedata.normalize("NFKC", without_breaks(text)).translate(_APOSTROPHES)
    if rules.lowercase:
        folded = folded.lower()
    if folded.isascii():
        return folded
    if rules.accents == "strip":
        folded = _ACCENTS.sub("", unicodedata.normalize("NFKD", folded))
    return unicodedata.normalize(
        "NFC", folded
    )  # a small letter may melt with a mark where the capital did not


def without_breaks(text: str) -> str:
    """The text with a space in the place of every `<br />`."""
    return _LINE_BREAK.sub(" ", text)
