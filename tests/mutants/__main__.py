"""The mutants: `make mutants`. Puts faults into the product's code and says which the tests find.

Faults are drawn from a seed before anybody knows whether they are found. Each runs in a copy of the work
tree against the tests that reach its statement, by contexts of coverage, with `-x`, three minutes at most;
where no context reaches it (servers, workers, JavaScript), the tests of its room and those in a browser run.
What was done is kept after each fault: begun again, it goes on.
"""

import argparse
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from pathlib import Path

import psutil
from coverage import CoverageData

from tests.mutants.chosen import CHOSEN
from tests.mutants.drawing import Fault, draw
from tests.weight.rooms import files_of

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build/mutants"
SECONDS = 180
MEMORY = 10 * 2**30
"""Bytes for a mutant: one that fills a list without end ends by itself."""
PRODUCT = re.compile(r"(app\.py|(rnn_core|pages)/.*\.(py|js))")


def main() -> int:
    """Put faults into the code, one after the other, and print which of them the tests find."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--count", type=int, default=60, help="faults")
    parser.add_argument("--seed", type=int, default=40, help="from which they are drawn")
    parser.add_argument("--jobs", type=int, default=2, help="faults at once")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where coverage and results are")
    parser.add_argument("--against", type=Path, help="results of before: what was found must be found")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    files = files_of(ROOT)
    sources = {
        Path(file): (ROOT / file).read_text(encoding="utf-8") for file in files if PRODUCT.fullmatch(file)
    }
    drawn = draw(sources, given.count, given.seed)
    reached = _reached(given.folder / "coverage")
    kept = given.folder / f"seed-{given.seed}.jsonl"
    done = _results(kept)
    open_ones = [fault for fault in drawn if str(fault) not in done]
    print(f"{len(done)} faults are done, {len(open_ones)} are left; they stand in {kept}", flush=True)
    mine = threading.local()

    def copy(folder: str) -> None:
        """Makes the copy of the work tree that a thread puts its faults into."""
        mine.tree = _copy(files, Path(tempfile.mkdtemp(dir=folder)))

    def tried(fault: Fault) -> dict:
        return {"fault": str(fault)} | _try(mine.tree, fault, sources[fault.path], reached)

    with (
        tempfile.TemporaryDirectory(prefix="mutants-") as folder,
        ThreadPoolExecutor(given.jobs, initializer=copy, initargs=(folder,)) as pool,
    ):
        for future in as_completed([pool.submit(tried, fault) for fault in open_ones]):
            result = future.result()
            with kept.open("a", encoding="utf-8") as file:
                file.write(json.dumps(result) + "\n")
            done[result["fault"]] = result
            print(f"{result['outcome']:11} {result['seconds']:4.0f} s  {result['fault']}", flush=True)
    return _report([done[str(fault)] for fault in drawn], _results(given.against) if given.against else {})


def _copy(files: list[str], tree: Path) -> Path:
    for file in files:
        (tree / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / file, tree / file)
    (tree / ".venv").symlink_to(ROOT / ".venv")
    return tree


def _results(kept: Path) -> dict[str, dict]:
    if not kept.exists():
        return {}
    rows = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    return {row["fault"]: row for row in rows}


def _reached(kept: Path) -> dict[str, dict[int, set[str]]]:
    """The tests that reach each line of each file; computed by one run of all tests but the browser's."""
    if not kept.exists():
        print("One run of all tests says which of them reach which line.", flush=True)
        command = "-m pytest -n logical --dist loadfile --no-loadscope-reorder -p no:cacheprovider"
        contexts = "--cov=rnn_core --cov=pages --cov-context=test --cov-report="
        arguments = [sys.executable, *command.split(), *contexts.split(), "-m", "not browser"]
        subprocess.run(arguments, cwd=ROOT, env=os.environ | {"COVERAGE_FILE": f"{kept}.new"}, check=True)
        Path(f"{kept}.new").rename(kept)
    data = CoverageData(str(kept))
    data.read()
    reached = {}
    for file in data.measured_files():
        path = re.search(r"(?:rnn_core|pages)/.*", file)
        reached[path[0]] = {
            line: {context.split("|")[0] for context in contexts if context}
            for line, contexts in data.contexts_by_lineno(file).items()
        }
    return reached


def _room(path: Path) -> list[str]:
    """The tests of the room of a file, as far as there is one."""
    rooms = [part for part in path.parts[:-1] if part not in ("rnn_core", "components")]
    while rooms and not (ROOT / "tests").joinpath(*rooms).is_dir():
        rooms.pop()
    if rooms:
        return ["/".join(("tests", *rooms))]
    return [f"tests/{file.name}" for file in ROOT.glob("tests/test_*.py")]


def _tests(fault: Fault, reached: dict) -> tuple[list[str], list[str] | None]:
    """The folders that pytest collects, and the tests of them that are run, or nothing for all."""
    lines = reached.get(str(fault.path), {})
    wanted = lines if fault.runs_at_import else range(fault.lines[0], fault.lines[1] + 1)
    tests = set().union(*(lines.get(line, set()) for line in wanted))
    room = _room(fault.path)
    if tests:
        ordered = sorted(tests, key=lambda test: (not test.startswith(tuple(room)), test))
        return list(dict.fromkeys(test.split("::")[0] for test in ordered)), ordered
    return [*room, "tests/browser"], None


def _try(tree: Path, fault: Fault, source: str, reached: dict) -> dict:
    """Runs the tests on a copy with the fault; one that fails is run without it, too, and must pass."""
    collected, tests = _tests(fault, reached)
    begun = time.monotonic()
    (tree / fault.path).write_text(fault.put_into(source), encoding="utf-8")
    code, said = _run(tree, collected, tests)
    (tree / fault.path).write_text(source, encoding="utf-8")
    outcome = {None: "out of time", 0: "lived", 5: "lived"}.get(code, "found")
    first = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - |$)", said, re.MULTILINE)
    by = first[1] if first else said.strip().rpartition("\n")[2][:200] if outcome == "found" else None
    if outcome == "found" and "::" in by and _run(tree, [by.split("::")[0]], [by])[0] != 0:
        outcome = "unclear"
    return {
        "outcome": outcome,
        "by": by,
        "chosen_by": "contexts" if tests else "room",
        "tests": len(tests) if tests else None,
        "seconds": round(time.monotonic() - begun, 1),
    }


def _run(tree: Path, collected: list[str], tests: list[str] | None) -> tuple[int | None, str]:
    """Returns the exit code of pytest, or nothing where its time was up, and its output."""
    chosen = tree / "chosen-tests.json"
    chosen.write_text(json.dumps(tests), encoding="utf-8")
    command = "-m pytest -x -p tests.mutants.chosen -p no:cacheprovider --no-header --tb=no -rfE"
    process = subprocess.Popen(
        [sys.executable, *command.split(), *collected],
        cwd=tree,
        env=os.environ | {CHOSEN: str(chosen), "PYTHONPATH": str(tree)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY)),
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        for one in psutil.Process(process.pid).children(recursive=True):  # also those of other sessions
            with suppress(psutil.NoSuchProcess):
                one.kill()
        return None, ""
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return process.returncode, said


def _report(results: list[dict], before: dict[str, dict]) -> int:
    """Prints how many were found, those that lived, and those found only before; 1 where there are such."""
    found = sum(result["outcome"] == "found" for result in results)
    print(f"\n{found} of {len(results)} faults were found.")
    for result in results:
        if result["outcome"] != "found":
            print(f"  {result['outcome']}: {result['fault']}")
    lost = [
        result["fault"]
        for result in results
        if result["outcome"] != "found" and before.get(result["fault"], {}).get("outcome") == "found"
    ]
    if before:
        print(f"{len(lost)} were found before and are not now.", *lost, sep="\n  ")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
