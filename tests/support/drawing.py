"""Live views whose picture is being drawn just when something is told."""

import threading
from typing import Any

SOON = 0.5
"""Seconds within which somebody who tells something has taken the view's lock."""


def tells_while_drawing(view: Any, event: Any) -> bool:
    """Tell a live view something while its picture is drawn; return whether both came to an end."""
    draw, drawing, pause = view.render, threading.Event(), threading.Event()

    def draw_slowly() -> Any:
        drawing.set()
        for _ in range(100):
            if view.lock.locked():
                break
            pause.wait(SOON / 100)
        return draw()

    def run() -> None:
        with view:
            drawing.clear()
            drawer = threading.Thread(target=view.live.refresh, daemon=True)
            drawer.start()
            drawing.wait()
            view.on_event(event)
            drawer.join()

    view.render = draw_slowly
    telling = threading.Thread(target=run, daemon=True)
    telling.start()
    telling.join(20)
    return not telling.is_alive()
