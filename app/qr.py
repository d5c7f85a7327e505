"""A text as a QR code that stands in a page: an SVG without styles or scripts, said in words beside it."""

from __future__ import annotations

import segno
from markupsafe import Markup

SCALE, BORDER = 5, 4


def drawn(text: str) -> Markup:
    """The picture; a screen reader passes it over, so what it says has to stand beside it."""
    picture = segno.make(text, error="m").svg_inline(scale=SCALE, border=BORDER, light="#fff", svgclass="mandate-qr")
    return Markup(  # noqa: S704 - segno's own drawing: of the text it holds squares only
        picture.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    )
