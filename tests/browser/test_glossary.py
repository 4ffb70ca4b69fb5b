"""A term of the field explains itself, however one comes to it, and stands in the list behind the button."""

from playwright.sync_api import expect

from pages.components.shared.glossary import terms
from tests.browser.conftest import window

TERM = next(term for term in terms() if term.name == "hidden state")


def test_a_term_explains_itself_to_pointer_touch_and_keyboard_and_is_found_in_the_list(browser, server):
    with window(browser, has_touch=True) as page:
        page.goto(server)
        link, says = page.locator(f'a[href="{TERM.address}"]'), page.locator(".gs-term-says")
        expect(page.locator(".gs-glossary dt")).to_have_count(len(terms()))

        link.hover()
        expect(says).to_have_text(TERM.says)
        expect(says).to_be_visible()
        page.mouse.move(0, 0)
        expect(says).to_be_hidden()

        link.tap()
        expect(says).to_be_visible()
        assert "#" not in page.url
        page.touchscreen.tap(5, 500)
        expect(says).to_be_hidden()

        link.evaluate("(link) => link.blur()")
        link.focus()
        expect(says).to_be_visible()
        page.keyboard.press("Escape")
        expect(says).to_be_hidden()

        page.get_by_role("button", name="Glossary").click()
        page.get_by_role("searchbox", name="Find a term").fill(TERM.says)
        expect(page.locator(".gs-glossary dt:visible")).to_have_text([TERM.name])
