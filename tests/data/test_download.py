"""The download against a real server on loopback that misbehaves in every way the wild ones do."""

import hashlib
import itertools
import re
import shutil
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from rnn_core.data.download import download
from rnn_core.errors import DataError
from rnn_core.progress import Progress

BODY = b"".join(number.to_bytes(4, "big") for number in range(100_000))
OTHER = bytes(reversed(BODY))


@dataclass
class Origin:
    """A server: what it has, and how it behaves at the next requests; anything not set is well-behaved."""

    body: bytes = BODY
    headers: dict = field(default_factory=lambda: {"ETag": '"one"'})
    honours_range: bool = True
    knows_versions: bool = True
    announces_length: bool = True
    cuts: list = field(default_factory=list)
    """Bytes after which each of the next answers is cut off."""
    cut: str = "close"  # or "reset", as a router does it, or "silence"
    released: threading.Event = field(default_factory=threading.Event)
    """Ends a silence."""
    statuses: list = field(default_factory=list)
    """The next answers instead of the file."""
    after_a_request: list = field(default_factory=list)
    """Attributes that change once an answer was given, one dictionary for each of the next."""
    requests: list = field(default_factory=list)
    url: str = ""

    def ranges(self):
        return [request["Range"] for request in self.requests]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        origin = self.origin
        origin.requests.append(self.headers)
        if origin.statuses:
            self.send_error(origin.statuses.pop(0))
            return
        start = self._start()
        if start is None:
            self.send_response(200)
            start = 0
        elif start >= len(origin.body):
            self.send_error(416)
            return
        else:
            self.send_response(206)
            total = len(origin.body)
            self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        rest = origin.body[start:]
        if origin.announces_length:
            self.send_header("Content-Length", str(len(rest)))
        for name, value in origin.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if origin.cuts:
            self.wfile.write(rest[: origin.cuts.pop(0)])
            if origin.cut == "silence":
                origin.released.wait(10)
            elif origin.cut == "reset":
                time.sleep(0.05)  # a reset throws away what the other side has not read yet
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            self.wfile.write(rest)
        if origin.after_a_request:
            for name, value in origin.after_a_request.pop(0).items():
                setattr(origin, name, value)

    def _start(self):
        """Return where the answer begins, or None for the whole file, as RFC 9110 has it."""
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        condition = self.headers.get("If-Range")
        versions = {None, self.origin.headers.get("ETag"), self.origin.headers.get("Last-Modified")}
        is_known = condition in versions or not self.origin.knows_versions
        if asked is None or not self.origin.honours_range or not is_known:
            return None
        return int(asked[1])

    def log_message(self, format, *args):
        pass


@pytest.fixture
def origin(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    origin = Origin()
    handler = type("Handler", (_Handler,), {"origin": origin})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        origin.url = f"http://127.0.0.1:{server.server_address[1]}/file.tar.gz"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield origin
        origin.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def target(tmp_path):
    return tmp_path / "cache" / "file.tar.gz"


@pytest.fixture
def part(target):
    return target.with_name(target.name + ".part")


def fetch(origin, target, waits=(0.0, 0.0, 0.0)):
    """Download what should be BODY."""
    sha256 = hashlib.sha256(BODY).hexdigest()
    return download(origin.url, target, size=len(BODY), sha256=sha256, waits=waits)


def assert_arrives(origin, target):
    """The file arrives whole, and nothing else is left."""
    done = [step.done for step in fetch(origin, target)]
    assert target.read_bytes() == BODY
    assert {path.name for path in target.parent.iterdir()} == {target.name, f"{target.name}.lock"}
    return done


def assert_resumed(origin, *starts):
    """Each request asked for the whole file (None), or for what follows these bytes.

    A cut may cost what was on its way, but less than a chunk for each.
    """
    assert [asked is None for asked in origin.ranges()] == [start is None for start in starts]
    for asked, start in zip(origin.ranges(), starts, strict=True):
        if start is not None:
            lost = start - int(asked.removeprefix("bytes=").removesuffix("-"))
            assert 0 <= lost < 65_536 * (len(starts) - 1)


def cancel_after(download, done):
    """Close the download once it has `done` bytes; returns what it had."""
    for progress in download:
        if progress.done >= done:
            break
    download.close()
    return progress.done


ONE_CUT = {"cuts": [200_000]}
CHANGES = {"body": OTHER, "after_a_request": [{"body": BODY, "headers": {"ETag": '"two"'}}]}
WEAK = {"ETag": 'W/"one"', "Last-Modified": "Sun, 26 Jun 2011 16:58:51 GMT"}
PACKED = {"ETag": '"one"', "Content-Encoding": "x-gzip"}
SERVERS = {
    "a server that does all well": ({}, [None]),
    "a connection that is reset": ({**ONE_CUT, "cut": "reset"}, [None, None]),
    "a server that falls silent": ({**ONE_CUT, "cut": "silence"}, [None, 200_000]),
    "a connection that is cut twice": ({"cuts": [200_000, 100_000]}, [None, 200_000, 300_000]),
    "a weak ETag gives way to the date": ({**ONE_CUT, "headers": WEAK}, [None, 200_000]),
    "no version to trust": ({**ONE_CUT, "headers": {}}, [None, None]),
    "no length announced": ({**ONE_CUT, "announces_length": False}, [None, 200_000]),
    "a server that ignores ranges": ({**ONE_CUT, "honours_range": False}, [None, 200_000]),
    "a file that changes between two tries": ({**ONE_CUT, **CHANGES}, [None, 200_000]),
    "the rest of another version": ({**ONE_CUT, **CHANGES, "knows_versions": False}, [None, 200_000, None]),
    "a label of gzip, which unpacks nothing": ({"headers": PACKED}, [None]),
    "a range that is refused": ({**ONE_CUT, "after_a_request": [{"statuses": [416]}]}, [None, 200_000, None]),
    "a trouble that passes": ({"statuses": [500, 503]}, [None, None, None]),
}


@pytest.mark.parametrize(("behaviour", "starts"), SERVERS.values(), ids=SERVERS)
def test_the_file_arrives_and_little_is_asked_twice(origin, target, monkeypatch, behaviour, starts):
    if behaviour.get("cut") == "silence":
        monkeypatch.setattr("rnn_core.data.download._TIMEOUT", (5.0, 0.2))
    for name, value in behaviour.items():
        setattr(origin, name, list(value) if isinstance(value, list) else value)
    done = assert_arrives(origin, target)
    if origin.cut == "reset":  # which throws away what is on its way
        assert len(origin.requests) == 2
    else:
        assert_resumed(origin, *starts)
    if len(starts) > 1 and starts[1] is not None:
        assert origin.requests[1]["If-Range"] == origin.headers.get("Last-Modified", '"one"')
    if "after_a_request" not in behaviour and "honours_range" not in behaviour and origin.headers:
        assert done == sorted(done)


def test_a_file_that_is_there_is_asked_for_if_damaged(origin, target):
    progress = list(fetch(origin, target))
    assert {(step.doing, step.total) for step in progress} == {("Downloading", len(BODY))}
    done = [step.done for step in progress]
    assert (done, done[-1]) == (sorted(done), len(BODY))
    assert len(set(done)) > 3
    assert list(fetch(origin, target)) == [Progress("Downloading", len(BODY), len(BODY))]
    assert len(origin.requests) == 1
    target.write_bytes(BODY[:-1] + b"?")
    assert_arrives(origin, target)


def test_retries_come_to_an_end_and_keep_what_came(origin, target, part):
    origin.cuts = [70_000] * 10
    with pytest.raises(DataError, match=r"stopped: .*start it again: it goes on from there"):
        list(fetch(origin, target, waits=(0.0, 0.0)))
    assert_resumed(origin, None, 70_000, 140_000)
    kept = part.read_bytes()
    assert len(kept) > 140_000
    assert kept == BODY[: len(kept)]
    assert not target.exists()
    origin.cuts = []
    assert next(fetch(origin, target)).done == len(kept)
    assert_arrives(origin, target)


def test_closing_cancels_and_the_next_call_resumes(origin, target, part):
    done = cancel_after(fetch(origin, target), 100_000)
    assert not target.exists()
    assert part.read_bytes() == BODY[:done]
    assert_arrives(origin, target)
    assert origin.ranges() == [None, f"bytes={done}-"]
    target.unlink()
    cancel_after(fetch(origin, target), len(BODY))
    assert_arrives(origin, target)
    assert len(origin.requests) == 3  # a part that was complete only needs its check


def test_closing_is_noticed_while_waiting_to_retry(origin, target):
    origin.cuts = [200_000]
    waiting = fetch(origin, target, waits=(3600.0,))
    doing = [step.doing for step in itertools.islice(waiting, 6)]
    waiting.close()
    assert doing[-1] == "Waiting to reconnect"
    assert_arrives(origin, target)


def test_what_a_dead_process_left_is_resumed(origin, target, tmp_path):
    first = fetch(origin, target)
    while next(first).done < 200_000:
        pass
    shutil.copytree(target.parent, tmp_path / "left")  # as it lies on the disk at this moment
    first.close()
    assert_arrives(origin, tmp_path / "left" / target.name)
    assert origin.ranges()[1] is not None


@pytest.mark.parametrize("note", [None, "", "[]", '{"url": 1}', "\udcff"])
def test_a_part_that_cannot_be_trusted_is_left(origin, target, part, note):
    cancel_after(fetch(origin, target), 100_000)
    if note is None:
        origin.url += "?mirror"
    else:
        part.with_name(part.name + ".json").write_bytes(note.encode("utf-8", "surrogateescape"))
    assert_arrives(origin, target)
    assert origin.ranges() == [None, None]


@pytest.mark.parametrize(
    ("behaviour", "said", "requests"),
    [
        ({"body": OTHER}, "its checksum differs", 1),
        ({"body": BODY + b"more"}, f"has {len(BODY) + 4} bytes where {len(BODY)} are expected", 1),
        ({"body": BODY[:1000]}, f"has 1000 bytes where {len(BODY)} are expected", 1),
        ({"body": BODY * 3, "announces_length": False}, "more than the 400,000 bytes expected", 1),
        ({"statuses": [404] * 5}, "404 Not Found", 1),
        ({"statuses": [500] * 10}, "500 Internal Server Error", 4),
        ({"url": "http://127.0.0.1:9/file"}, "can't be reached", 0),
        ({"url": "file"}, "Check the address", 0),
    ],
)
def test_what_cannot_be_had_is_said_and_leaves_nothing(origin, target, part, behaviour, said, requests):
    vars(origin).update(behaviour)
    most = 0
    with pytest.raises(DataError, match=said):  # noqa: PT012
        for progress in fetch(origin, target):
            most = max(most, progress.done, part.stat().st_size if part.exists() else 0)
    assert most <= len(BODY)
    assert len(origin.requests) == requests
    assert not target.exists()
    assert not part.exists()


def test_a_log_in_page_does_not_cost_what_had_come(origin, target, part):
    done = cancel_after(fetch(origin, target), 100_000)
    origin.body, origin.headers = b"<html>Welcome to the hotel</html>", {}
    with pytest.raises(DataError, match="log-in page"):
        list(fetch(origin, target))
    assert part.read_bytes() == BODY[:done]


def test_a_second_window_waits_for_the_first(origin, target):
    first = fetch(origin, target)
    next(first)
    with pytest.raises(DataError, match="already being downloaded by another window"):
        next(fetch(origin, target))
    closer = threading.Thread(target=first.close)  # which frees the lock
    closer.start()
    closer.join()
    assert_arrives(origin, target)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which only Linux has")
def test_a_disk_that_fills_up_is_said(origin, target, monkeypatch):
    monkeypatch.setattr(Path, "touch", lambda self: self.symlink_to("/dev/full"))
    with pytest.raises(
        DataError, match=r"could not be kept in .*No space left on device.*Free some disk space"
    ):
        list(fetch(origin, target))
