"""Where things are in the window, and the corners of a drawn area, as whoever draws handles them."""

from playwright.sync_api import FloatRect, Locator, Page

FIRST_PULSE = """() => document.body.hasAttribute("data-stale")
    || /\\d/.test(document.getElementById("clock").textContent)"""


def corners(page: Page) -> Locator:
    """The corners, in their order."""
    return page.locator("#map .corner:not(.corner--new)")


def handles(page: Page) -> Locator:
    """The handles between them."""
    return page.locator("#map .corner--new")


def box_of(target: Locator) -> FloatRect:
    """Where it is in the window, in CSS pixels, once the first pulse has told the page whether a band
    comes in above and moves everything."""
    target.page.wait_for_function(FIRST_PULSE)
    box = target.bounding_box()
    assert box is not None
    return box


def middle(target: Locator) -> tuple[float, float]:
    """Where its middle is in the window."""
    box = box_of(target)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def press(page: Page, *spots: tuple[float, float]) -> None:
    """A press of the map at each spot, in CSS pixels from its corner."""
    box = box_of(page.locator("#map"))
    for x, y in spots:
        page.mouse.click(box["x"] + x, box["y"] + y)


def drag(page: Page, target: Locator, x: float, y: float) -> None:
    """Drags by so many CSS pixels."""
    left, top = middle(target)
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(left + x, top + y, steps=6)
    page.mouse.up()


def smallest_target(page: Page) -> float:
    """The shortest side of all corners and handles."""
    boxes = [
        one.bounding_box() for one in (*corners(page).all(), *handles(page).locator("visible=true").all())
    ]
    return min(min(box["width"], box["height"]) for box in boxes if box is not None)
