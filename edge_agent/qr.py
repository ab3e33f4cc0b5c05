"""QR codes for the pages."""

import io

import segno


def qr_svg(text: str) -> str:
    """`text` as a QR code, an SVG element for a page; a seventh of it may be hidden."""
    image = io.BytesIO()
    segno.make(text, error="m", micro=False).save(image, kind="svg", xmldecl=False, scale=4)
    return image.getvalue().decode()
