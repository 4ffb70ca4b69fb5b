"""The cookie with the runs that were begun in a browser, which all its tabs share."""

from pathlib import Path

from pages.components.shared import begun_here

KEEP = """async ([script, data]) => {
    const { default: keep } = await import(`data:text/javascript,${encodeURIComponent(script)}`)
    keep({ data })
    return document.cookie.split("; ").find((cookie) => cookie.startsWith(data.cookie))
}"""


def test_two_tabs_keep_each_others_runs_and_the_newest_twenty(server, page):
    script = Path(begun_here.__file__).with_suffix(".js").read_text(encoding="utf-8")
    page.goto(f"{server}/_stcore/health")

    def keep(*noted):
        return page.evaluate(KEEP, [script, {"cookie": "gatescope_runs", "noted": noted, "most": 20}])

    assert keep("one") == "gatescope_runs=one"
    assert keep("two") == "gatescope_runs=one.two"
    assert keep("one", "three") == "gatescope_runs=two.one.three"
    many = [f"run{number}" for number in range(19)]
    assert keep(*many) == f"gatescope_runs=three.{'.'.join(many)}"
