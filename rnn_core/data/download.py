"""One file from the web, whole and checked, or a sentence that says why not.

What has come lies in `<target>.part`, and `<target>.part.json` notes which version of the file it belongs to:
the server's ETag, or its date. The next try asks for the rest, on condition that the file is still that
version (RFC 9110, Range and If-Range). The target appears only when size and SHA-256 are right.
"""

import hashlib
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import filelock
import requests
import urllib3

from rnn_core.errors import DataError, reason
from rnn_core.files import FormatError, from_json, to_json
from rnn_core.progress import Progress

WAITS = (1.0, 2.0, 4.0, 8.0)
"""Seconds before each automatic retry; after the last one the user is asked."""

_TIMEOUT = (10.0, 30.0)  # seconds to connect, and without a single byte
_CHUNK = 1 << 16  # bytes; what a cut connection may cost
_PASSING_TROUBLE = frozenset({408, 425, 429, 500, 502, 503, 504})


class _TransferError(Exception):
    """A try failed in a way that another try may mend; the message says how, as half a sentence."""


def download(
    url: str, target: Path, *, size: int, sha256: str, waits: tuple[float, ...] = WAITS
) -> Iterator[Progress]:
    """Fetch `url` into `target`, `size` bytes with that SHA-256; progress is in bytes.

    Goes on from what an earlier call left. Closing the iterator cancels, and keeps what has come. A
    target that is already right is left alone. Raises DataError when the server, the disk or the
    checksum says no, or when another process is downloading the same file.
    """
    part = _Part(target.with_name(target.name + ".part"))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # An iterator may be closed by another thread than the one that began it.
        with filelock.FileLock(f"{target}.lock", timeout=0, thread_local=False):
            if not _is_right(target, size, sha256):
                yield from _fetch(url, part, size, waits)
                if not _is_right(part.path, size, sha256):
                    part.delete()
                    raise DataError(
                        f"What came from {url} is not the file that was expected: its checksum "
                        "differs. It was deleted. Try again; if that repeats, get the file "
                        "elsewhere and give its path."
                    )
                part.path.replace(target)
                part.delete()
            yield Progress("Downloading", size, size)
    except filelock.Timeout as error:
        raise DataError(
            f"{target.name} is already being downloaded by another window. Wait until it is done, "
            "or cancel it there."
        ) from error
    except OSError as error:
        raise DataError(
            f"The download could not be kept in {target.parent}: {reason(error)}. Free "
            "some disk space or make the folder writable, then start it again."
        ) from error


class _Note(TypedDict):
    """The address and the version that the bytes of an unfinished download are of."""

    url: str
    version: str


@dataclass(frozen=True, slots=True)
class _Part:
    """An unfinished download, and beside it a note of the version it belongs to."""

    path: Path

    @property
    def note(self) -> Path:
        return self.path.with_name(self.path.name + ".json")

    def version(self, url: str) -> str | None:
        """The version noted for what has come from `url`; None where it can't be continued."""
        try:
            noted: _Note = from_json(self.note.read_bytes(), _Note)
            return noted["version"] if noted["url"] == url else None
        except (FileNotFoundError, FormatError):
            return None  # no note, or not one of ours: the same as nothing to continue

    def length(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def begin(self, url: str, version: str | None) -> None:
        """Start from nothing; a note is left only if the server names a version to go on with."""
        # The old note goes first: a note never stands beside bytes of another version.
        self.delete()
        self.path.touch()
        if version is not None:
            self.note.write_text(to_json(_Note(url=url, version=version)), encoding="utf-8")

    def delete(self) -> None:
        self.note.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)


def _fetch(url: str, part: _Part, size: int, waits: tuple[float, ...]) -> Iterator[Progress]:
    """Fill the part to `size` bytes, in one try and as many more as there are waits."""
    for wait in (*waits, None):
        try:
            yield from _try_once(url, part, size)
            return
        except _TransferError as error:
            if wait is None:
                raise DataError(
                    f"The download of {url} stopped: {error}. What was downloaded so far is kept. Check the "
                    "connection and start it again: it goes on from there."
                ) from error
        waiting = Progress("Waiting to reconnect", min(part.length(), size), size)
        end = time.monotonic() + wait
        yield waiting
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.2))  # so that closing the iterator ends it at once
            yield waiting


def _try_once(url: str, part: _Part, size: int) -> Iterator[Progress]:
    """Ask for what is missing and append it. Raises _TransferError when another try may help."""
    version = part.version(url)
    done = part.length() if version is not None else 0
    if done == size:
        return
    if done > size:
        part.delete()
        done = 0
    with _get(url, done, version) as response:
        if _is_the_rest(response, part, version, done, size):
            yield Progress("Downloading", done, size)
        else:
            announced = response.headers.get("Content-Length", str(size))
            if announced != str(size):  # before a byte is fetched or lost
                raise DataError(
                    f"{url} has {announced} bytes where {size} are expected, so it is another file, "
                    "perhaps the log-in page of a network. Open the address in a browser to see, or get "
                    "the file elsewhere and give its path."
                )
            part.begin(url, _version(response.headers))
            done = 0
        with part.path.open("ab") as file:
            for chunk in _chunks(response):
                done += len(chunk)
                if done > size:
                    break
                file.write(chunk)
                yield Progress("Downloading", done, size)
    if done > size:
        part.delete()
        raise DataError(
            f"The server sent more than the {size:,} bytes expected from {url}, so it is another "
            "file. It was deleted. Get the file elsewhere and give its path."
        )
    if done < size:
        raise _TransferError(f"the connection ended after {done:,} of {size:,} bytes")


def _get(url: str, start: int, version: str | None) -> requests.Response:
    """The server's answer, 200, 206 or 416; any other is raised."""
    # Some servers label a .tar.gz as gzip-encoded; the bytes wanted are those of the file itself.
    headers = {"Accept-Encoding": "identity"}
    if start and version is not None:
        headers |= {"Range": f"bytes={start}-", "If-Range": version}
    try:
        response = requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT)
    except (requests.ConnectionError, requests.Timeout) as error:
        raise _TransferError("the server can't be reached") from error
    except requests.RequestException as error:
        raise DataError(f"{url} can't be downloaded: {error}. Check the address.") from error
    if response.status_code == 200 or (start and response.status_code in (206, 416)):
        return response
    response.close()
    answer = f"{response.status_code} {response.reason or ''}".strip()
    if response.status_code in _PASSING_TROUBLE:
        raise _TransferError(f"the server answered {answer}")
    raise DataError(
        f"The server answered {answer} for {url}, so it can't be downloaded from there now. Try "
        "later, or get the file elsewhere and give its path."
    )


def _is_the_rest(
    response: requests.Response, part: _Part, version: str | None, start: int, size: int
) -> bool:
    """True if the answer continues the part, and is not the file from its first byte.

    Raises _TransferError, and forgets the part, when it is the rest of another version.
    """
    if response.status_code == 200:
        return False
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    same_version = _version(response.headers) in (version, None)
    fits = found is not None and int(found[1]) == start and found[2] in (str(size), "*")
    if response.status_code == 206 and same_version and fits:
        return True
    part.delete()
    raise _TransferError("the file on the server changed in between")


def _version(headers: Mapping[str, str]) -> str | None:
    """Return the version that If-Range may carry: a strong ETag, else the date of the last change."""
    etag = headers.get("ETag")
    if etag is not None and not etag.startswith("W/"):
        return etag
    return headers.get("Last-Modified")


def _chunks(response: requests.Response) -> Iterator[bytes]:
    """The bytes as sent. Raises _TransferError when the connection is cut or silent."""
    try:
        while chunk := response.raw.read(_CHUNK, decode_content=False):
            yield chunk
    except urllib3.exceptions.HTTPError as error:
        raise _TransferError("the connection was cut") from error


def _is_right(path: Path, size: int, sha256: str) -> bool:
    """True if the file is there with this size and checksum."""
    if not path.is_file() or path.stat().st_size != size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256
