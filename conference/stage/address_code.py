"""An address as a QR code (ISO/IEC 18004) for the wall: what a telephone reads from the last row."""

from __future__ import annotations

from itertools import groupby

import msgspec
import segno

QUIET_ZONE = 4  # modules of white around it; the standard's own, without it readers fail


class AddressCode(msgspec.Struct, frozen=True):
    """`path` draws its dark squares in a square of `size` by `size` units, the quiet zone included (SVG)."""

    size: int
    path: str


def address_code(address: str) -> AddressCode:
    """The code of *address*, readable with 15 % of it hidden (level M)."""
    rows = segno.make_qr(address, error="m", boost_error=False).matrix
    path = []
    for y, row in enumerate(rows, start=QUIET_ZONE):
        x = QUIET_ZONE
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                path.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    return AddressCode(size=len(rows) + 2 * QUIET_ZONE, path="".join(path))
