"""Elements of a page; what is put into them is always text, never markup."""

from typing import Any
from xml.etree.ElementTree import Element, tostring

Child = Element | str | None


def element(tag: str, /, *children: Child, **attributes: Any) -> Element:
    """Return an element.

    Args:
        tag: Its name.
        children: Elements and texts; None is left out.
        attributes: Its attributes; `_` stands for `-`, and ends a name that Python has taken.
    """
    found = Element(
        tag,
        {
            key.rstrip("_").replace("_", "-"): str(value)
            for key, value in attributes.items()
            if value is not None
        },
    )
    for child in children:
        if isinstance(child, Element):
            found.append(child)
        elif child:
            _append_text(found, child)
    return found


def page(root: Element) -> str:
    """Return a whole page as text."""
    return "<!doctype html>\n" + tostring(root, encoding="unicode", method="html") + "\n"


def _append_text(found: Element, text: str) -> None:
    if len(found):
        found[-1].tail = (found[-1].tail or "") + text
    else:
        found.text = (found.text or "") + text
