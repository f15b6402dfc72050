"""What axe-core finds on a page against the rules of WCAG 2.2 A and AA, by day and by night."""

from playwright.sync_api import Page

from web.assets import NODE_MODULES

AXE = (NODE_MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
ALL_RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
# Night changes colours and nothing else.
RULES_OF_COLOUR = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
RULES_BY_SCHEME = {"light": ALL_RULES, "dark": RULES_OF_COLOUR}


def faults(page: Page) -> list[tuple[str, str, list[str]]]:
    """Scheme, rule and elements of every violation on the page as it is now."""
    page.evaluate(f"window.axe || (() => {{ {AXE} }})()")
    found = []
    for scheme, rules in RULES_BY_SCHEME.items():
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        violations = page.evaluate("rules => axe.run({runOnly: rules})", rules)["violations"]
        found += [
            (scheme, f"{fault['impact']} {fault['id']}", [node["html"][:160] for node in fault["nodes"]])
            for fault in violations
        ]
    return found
