"""Script and style stand in files of their own, and a component gets what stands beside its module."""

import re
from pathlib import Path

from pages.components.shared.assets import _together, style

PAGES = Path(__file__).parents[3] / "pages"


def test_no_python_file_of_the_pages_holds_script_or_style() -> None:
    for file in PAGES.rglob("*.py"):
        if file.name != "assets.py":
            text = file.read_text(encoding="utf-8")
            assert "<style" not in text, file
            assert "export default" not in text, file
            assert not re.search(r"style=\\?[\"'](?!--)", text), file  # a value for the sheet may stand there


def test_every_script_and_style_sheet_is_one_that_a_module_uses() -> None:
    for file in PAGES.rglob("*.*s"):
        module = file.with_suffix(".py")
        users = [other.read_text(encoding="utf-8") for other in PAGES.rglob("*.py") if other != module]
        assert module.exists() or any(f'"{file.name}"' in user for user in users), file


def test_no_class_is_declared_in_two_style_sheets_of_a_room() -> None:
    """The styles of `st.html` hold for the whole page, so one of two that differ would win by chance."""
    for room in (PAGES / "components").iterdir():
        homes: dict[str, str] = {}
        for sheet in room.glob("*.css"):
            classes = set(re.findall(r"^\.(gs-[\w-]+) \{", sheet.read_text(encoding="utf-8"), re.MULTILINE))
            for name in classes:
                assert homes.setdefault(name, sheet.name) == sheet.name, name


def test_what_is_shared_stands_before_the_modules_own_and_gets_its_values(tmp_path: Path) -> None:
    module = tmp_path / "strip.py"
    module.with_suffix(".css").write_text(".own {}\n")
    drawn = style(str(module), "token_chips.css", muted="#123")
    assert drawn.startswith("<style>\n:root {--gs-muted:#123}\n")
    assert drawn.index(".gs-chips") < drawn.index(".own")
    assert drawn.endswith("</style>\n")
    assert _together(str(module), ".js", ("token_chips.css",)) is None
