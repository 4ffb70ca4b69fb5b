"""The download against a real server on loopback that misbehaves in every way the wild ones do."""

import hashlib
import itertools
import re
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from rnn_core.data.download import download
from rnn_core.errors import DataError
from rnn_core.progress import Progress

BODY = b"".join(number.to_bytes(4, "big") for number in range(100_000))
OTHER = bytes(reversed(BODY))
AT_ONCE = (0.0, 0.0, 0.0)


@dataclass
class Origin:
    """What the server has, and how it behaves at the next requests; anything not set is well-behaved."""

    body: bytes = BODY
    headers: dict[str, str] = field(default_factory=lambda: {"ETag": '"one"'})
    honours_range: bool = True
    announces_length: bool = True
    cuts: list[int] = field(default_factory=list)
    """Bytes after which each of the next answers is cut off."""
    cut: str = "close"  # or "reset", as a router does it, or "silence"
    released: threading.Event = field(default_factory=threading.Event)
    """Ends a silence."""
    statuses: list[int] = field(default_factory=list)
    """What the next answers are instead of the file."""
    after_a_request: list[dict[str, object]] = field(default_factory=list)
    """Attributes that change once an answer was given, one dictionary for each of the next."""
    requests: list[Message] = field(default_factory=list)
    url: str = ""

    def ranges(self) -> list[str | None]:
        return [request["Range"] for request in self.requests]


class _Handler(BaseHTTPRequestHandler):
    origin: Origin

    def do_GET(self) -> None:
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
            self._cut()
        else:
            self.wfile.write(rest)
        if origin.after_a_request:
            for name, value in origin.after_a_request.pop(0).items():
                setattr(origin, name, value)

    def _cut(self) -> None:
        if self.origin.cut == "silence":
            self.origin.released.wait(10)
        elif self.origin.cut == "reset":
            time.sleep(0.05)  # a reset throws away what the other side has not read yet
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _start(self) -> int | None:
        """Where the answer begins, or None for the whole file, as RFC 9110 has it."""
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        condition = self.headers.get("If-Range")
        versions = {self.origin.headers.get("ETag"), self.origin.headers.get("Last-Modified")}
        if asked is None or not self.origin.honours_range or condition not in {None, *versions}:
            return None
        return int(asked[1])

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def origin(monkeypatch: pytest.MonkeyPatch) -> Iterator[Origin]:
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
def target(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "file.tar.gz"


def fetch(
    origin: Origin, target: Path, *, body: bytes = BODY, waits: tuple[float, ...] = AT_ONCE
) -> Iterator[Progress]:
    """Download what should be `body`."""
    sha256 = hashlib.sha256(body).hexdigest()
    return download(origin.url, target, size=len(body), sha256=sha256, waits=waits)


def part(target: Path) -> Path:
    return target.with_name(target.name + ".part")


def assert_only_the_target(target: Path) -> None:
    assert target.read_bytes() == BODY
    left = {path.name for path in target.parent.iterdir()} - {target.name + ".lock"}
    assert left == {target.name}


def assert_resumed(origin: Origin, *starts: int | None) -> None:
    """Each request asked for the whole file (None), or for what follows these bytes.

    A cut may cost what was on its way, but less than a chunk for each.
    """
    assert len(origin.requests) == len(starts)
    for asked, start in zip(origin.ranges(), starts, strict=True):
        if start is None:
            assert asked is None
        else:
            assert asked is not None
            lost = start - int(asked.removeprefix("bytes=").removesuffix("-"))
            assert 0 <= lost < 65_536 * (len(starts) - 1)


def cancel_after(download: Iterator[Progress], done: int) -> int:
    """Close the download once it has `done` bytes; returns what it had."""
    for progress in download:
        if progress.done >= done:
            break
    download.close()  # type: ignore[attr-defined]
    return progress.done


def test_the_file_arrives_whole_and_nothing_else_is_left(origin: Origin, target: Path) -> None:
    list(fetch(origin, target))
    assert_only_the_target(target)


def test_progress_counts_bytes_up_to_the_size(origin: Origin, target: Path) -> None:
    progress = list(fetch(origin, target))
    assert {(step.doing, step.total) for step in progress} == {("Downloading", len(BODY))}
    done = [step.done for step in progress]
    assert done == sorted(done)
    assert done[-1] == len(BODY)
    assert len(set(done)) > 3


def test_a_file_that_is_there_is_not_asked_for_again(origin: Origin, target: Path) -> None:
    list(fetch(origin, target))
    assert list(fetch(origin, target)) == [Progress("Downloading", len(BODY), len(BODY))]
    assert len(origin.requests) == 1


def test_a_damaged_target_is_replaced(origin: Origin, target: Path) -> None:
    target.parent.mkdir()
    target.write_bytes(BODY[:-1] + b"?")
    list(fetch(origin, target))
    assert_only_the_target(target)


def test_a_cut_connection_is_resumed_within_the_call(origin: Origin, target: Path) -> None:
    origin.cuts = [200_000, 100_000]
    done = [step.done for step in fetch(origin, target)]
    assert_only_the_target(target)
    assert_resumed(origin, None, 200_000, 300_000)
    assert done == sorted(done)


def test_a_reset_connection_is_resumed_too(origin: Origin, target: Path) -> None:
    origin.cuts, origin.cut = [200_000], "reset"
    list(fetch(origin, target))
    assert_only_the_target(target)
    assert len(origin.requests) == 2


def test_a_server_that_falls_silent_is_given_up_and_asked_again(
    origin: Origin, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnn_core.data.download._TIMEOUT", (5.0, 0.2))
    origin.cuts, origin.cut = [200_000], "silence"
    list(fetch(origin, target))
    assert_only_the_target(target)
    assert_resumed(origin, None, 200_000)


def test_a_resume_is_bound_to_the_version_by_etag(origin: Origin, target: Path) -> None:
    origin.cuts = [200_000]
    list(fetch(origin, target))
    assert origin.requests[1]["If-Range"] == '"one"'


def test_a_weak_etag_gives_way_to_the_date(origin: Origin, target: Path) -> None:
    date = "Sun, 26 Jun 2011 16:58:51 GMT"
    origin.headers = {"ETag": 'W/"one"', "Last-Modified": date}
    origin.cuts = [200_000]
    list(fetch(origin, target))
    assert_only_the_target(target)
    assert origin.requests[1]["If-Range"] == date
    assert_resumed(origin, None, 200_000)


def test_without_a_version_to_trust_it_starts_anew(origin: Origin, target: Path) -> None:
    origin.headers = {}
    origin.cuts = [200_000]
    list(fetch(origin, target))
    assert_only_the_target(target)
    assert origin.ranges() == [None, None]


def test_a_cut_is_noticed_when_no_length_was_announced(origin: Origin, target: Path) -> None:
    origin.announces_length = False
    origin.cuts = [200_000]
    list(fetch(origin, target))
    assert_only_the_target(target)
    assert_resumed(origin, None, 200_000)


def test_retries_come_to_an_end_and_keep_what_came(origin: Origin, target: Path) -> None:
    origin.cuts = [70_000] * 10
    with pytest.raises(DataError, match=r"stopped: .*start it again: it goes on from there"):
        list(fetch(origin, target, waits=(0.0, 0.0)))
    assert len(origin.requests) == 3
    assert_resumed(origin, None, 70_000, 140_000)
    kept = part(target).read_bytes()
    assert len(kept) > 140_000
    assert kept == BODY[: len(kept)]
    assert not target.exists()


def test_the_next_call_goes_on_where_the_last_one_failed(origin: Origin, target: Path) -> None:
    origin.cuts = [200_000]
    with pytest.raises(DataError):
        list(fetch(origin, target, waits=()))
    kept = part(target).stat().st_size
    assert next(fetch(origin, target)).done == kept
    list(fetch(origin, target))
    assert_only_the_target(target)
    assert_resumed(origin, None, 200_000, 200_000)


def test_closing_cancels_and_the_next_call_resumes(origin: Origin, target: Path) -> None:
    done = cancel_after(fetch(origin, target), 100_000)
    assert not target.exists()
    assert part(target).read_bytes() == BODY[:done]
    list(fetch(origin, target))
    assert_only_the_target(target)
    assert origin.ranges() == [None, f"bytes={done}-"]


def test_closing_is_heard_while_waiting_to_retry(origin: Origin, target: Path) -> None:
    origin.cuts = [200_000]
    waiting = fetch(origin, target, waits=(3600.0,))
    doing = [step.doing for step in itertools.islice(waiting, 6)]
    waiting.close()  # type: ignore[attr-defined]
    assert doing[-1] == "Waiting to reconnect"
    list(fetch(origin, target))
    assert_only_the_target(target)


def test_a_process_that_dies_leaves_a_part_that_the_next_resumes(origin: Origin, target: Path) -> None:
    script = f"""
import os
from pathlib import Path
from rnn_core.data.download import download
for progress in download({origin.url!r}, Path({str(target)!r}), size={len(BODY)}, sha256=""):
    if progress.done >= 200_000:
        os._exit(9)
"""
    died = subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[2], check=False)
    assert died.returncode == 9
    list(fetch(origin, target))
    assert_only_the_target(target)
    assert origin.ranges()[1] is not None


def test_a_part_that_was_complete_only_needs_its_check(origin: Origin, target: Path) -> None:
    cancel_after(fetch(origin, target), len(BODY))
    list(fetch(origin, target))
    assert_only_the_target(target)
    assert len(origin.requests) == 1


def test_a_server_that_ignores_range_starts_from_zero(origin: Origin, target: Path) -> None:
    origin.honours_range = False
    origin.cuts = [200_000]
    list(fetch(origin, target))
    assert_only_the_target(target)
    assert_resumed(origin, None, 200_000)


def test_a_file_that_changed_between_two_tries_starts_from_zero(origin: Origin, target: Path) -> None:
    origin.body = OTHER
    origin.cuts = [200_000]
    origin.after_a_request = [{"body": BODY, "headers": {"ETag": '"two"'}}]
    list(fetch(origin, target))
    assert_only_the_target(target)
    assert len(origin.requests) == 2


def test_the_rest_of_another_version_is_not_appended(
    origin: Origin, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A server that does not know If-Range: it sends the rest of whatever it has now.
    monkeypatch.setattr(
        _Handler, "_start", lambda self: int(self.headers["Range"][6:-1]) if "Range" in self.headers else None
    )
    origin.body = OTHER
    origin.cuts = [200_000]
    origin.after_a_request = [{"body": BODY, "headers": {"ETag": '"two"'}}]
    list(fetch(origin, target))
    assert_only_the_target(target)
    assert_resumed(origin, None, 200_000, None)


def test_a_range_that_is_refused_starts_from_zero(origin: Origin, target: Path) -> None:
    origin.cuts = [200_000]
    with pytest.raises(DataError):
        list(fetch(origin, target, waits=()))
    origin.statuses = [416]
    list(fetch(origin, target))
    assert_only_the_target(target)
    assert_resumed(origin, None, 200_000, None)


def test_a_part_of_another_address_is_not_continued(origin: Origin, target: Path) -> None:
    cancel_after(fetch(origin, target), 100_000)
    origin.url += "?mirror"
    list(fetch(origin, target))
    assert_only_the_target(target)
    assert origin.ranges() == [None, None]


@pytest.mark.parametrize("note", ["", "[]", '{"url": 1}', "\udcff"])
def test_a_spoilt_note_only_costs_a_fresh_start(origin: Origin, target: Path, note: str) -> None:
    cancel_after(fetch(origin, target), 100_000)
    path = part(target).with_name(part(target).name + ".json")
    path.write_bytes(note.encode("utf-8", "surrogateescape"))
    list(fetch(origin, target))
    assert_only_the_target(target)


def test_a_wrong_checksum_deletes_the_part_and_says_so(origin: Origin, target: Path) -> None:
    origin.body = OTHER
    with pytest.raises(DataError, match="its checksum differs"):
        list(fetch(origin, target))
    assert not target.exists()
    assert not part(target).exists()


@pytest.mark.parametrize("body", [BODY + b"more", BODY[:1000]])
def test_a_file_of_another_size_is_refused_before_it_is_fetched(
    origin: Origin, target: Path, body: bytes
) -> None:
    origin.body = body
    with pytest.raises(DataError, match=f"has {len(body)} bytes where {len(BODY)} are expected"):
        list(fetch(origin, target))
    assert not part(target).exists()


def test_a_log_in_page_does_not_cost_what_had_come(origin: Origin, target: Path) -> None:
    done = cancel_after(fetch(origin, target), 100_000)
    origin.body, origin.headers = b"<html>Welcome to the hotel</html>", {}
    with pytest.raises(DataError, match="log-in page"):
        list(fetch(origin, target))
    assert part(target).read_bytes() == BODY[:done]


def test_never_more_than_the_size_is_accepted(origin: Origin, target: Path) -> None:
    origin.body = BODY * 3
    origin.announces_length = False
    most = 0

    def watch() -> None:
        nonlocal most
        for progress in fetch(origin, target):
            most = max(most, progress.done, part(target).stat().st_size)

    with pytest.raises(DataError, match="more than the 400,000 bytes expected"):
        watch()
    assert 0 < most <= len(BODY)
    assert not part(target).exists()


def test_a_gzip_label_does_not_unpack_the_archive(origin: Origin, target: Path) -> None:
    origin.headers["Content-Encoding"] = "x-gzip"
    list(fetch(origin, target))
    assert_only_the_target(target)


def test_404_is_told_at_once(origin: Origin, target: Path) -> None:
    origin.statuses = [404] * 5
    with pytest.raises(DataError, match="404 Not Found"):
        list(fetch(origin, target))
    assert len(origin.requests) == 1


def test_a_passing_500_is_tried_again(origin: Origin, target: Path) -> None:
    origin.statuses = [500, 503]
    list(fetch(origin, target))
    assert_only_the_target(target)


def test_a_lasting_500_is_told_after_the_retries(origin: Origin, target: Path) -> None:
    origin.statuses = [500] * 10
    with pytest.raises(DataError, match="500 Internal Server Error"):
        list(fetch(origin, target))
    assert len(origin.requests) == 1 + len(AT_ONCE)


def test_a_server_that_is_not_there_is_told(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(DataError, match="can't be reached"):
        list(fetch(Origin(url="http://127.0.0.1:9/file"), target))


def test_an_address_that_is_none_is_told(target: Path) -> None:
    with pytest.raises(DataError, match="Check the address"):
        list(fetch(Origin(url="file"), target))


def test_a_second_window_is_refused_while_the_first_downloads(origin: Origin, target: Path) -> None:
    first = fetch(origin, target)
    next(first)
    with pytest.raises(DataError, match="already being downloaded by another window"):
        next(fetch(origin, target))
    list(first)
    assert_only_the_target(target)


def test_an_iterator_closed_by_another_thread_frees_the_lock(origin: Origin, target: Path) -> None:
    first = fetch(origin, target)
    next(first)
    closer = threading.Thread(target=first.close)  # type: ignore[attr-defined]
    closer.start()
    closer.join()
    list(fetch(origin, target))
    assert_only_the_target(target)


def test_a_folder_that_cannot_be_made_is_told(origin: Origin, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="could not be kept in"):
        list(fetch(origin, tmp_path / "file" / "target"))


def test_a_disk_that_fills_up_is_told(origin: Origin, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("needs /dev/full, which only Linux has")
    monkeypatch.setattr(Path, "touch", lambda self: self.symlink_to(full))
    with pytest.raises(DataError, match=r"No space left on device.*Free some disk space"):
        list(fetch(origin, target))
