"""The built browser files and what ``manifest.json`` (by web/build.mjs) says of them."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from pathlib import Path
from typing import TypedDict

STYLES = "site.css"


class Entry(TypedDict):
    file: str
    imports: list[str]
    bytes: int


class BuiltFiles:
    """Addresses of built files by their logical names; follows a rebuild without a restart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read_at = -1.0
        self._manifest: dict[str, Entry] = {}
        self._styles = ""

    def address(self, name: str) -> str:
        """The address of *name* ("site.css"); one that answers 404 where it was not built."""
        entry = self.manifest().get(name)
        return f"/assets/{entry['file'] if entry else name}"

    def preloads(self, name: str) -> list[str]:
        """Addresses of the chunks that *name* ("room.js") loads at once."""
        entry = self.manifest().get(name)
        return [f"/assets/{file}" for file in entry["imports"]] if entry else []

    def text(self, name: str) -> str:
        """The content of *name* ("embed.js"); "" where it was not built."""
        entry = self.manifest().get(name)
        try:
            return (self.folder / entry["file"]).read_text(encoding="utf-8").strip() if entry else ""
        except OSError:  # another build has just replaced it
            return ""

    def manifest(self) -> dict[str, Entry]:
        file = self.folder / "manifest.json"
        try:
            changed = file.stat().st_mtime
            if changed != self._read_at:
                self._manifest = json.loads(file.read_text(encoding="utf-8"))
                self._styles = self._read_styles()
                self._read_at = changed
        except (OSError, ValueError):
            # Not built, or caught in the middle of a build: the last good one serves on.
            pass
        return self._manifest

    def problems(self) -> list[str]:
        """What is missing of the built files, in words; empty when every page finds what it names."""
        entries = self.manifest()
        if not entries:
            return [f"the browser code is not built: there is no usable {self.folder / 'manifest.json'}"]
        named = {file for entry in entries.values() for file in (entry["file"], *entry["imports"])}
        return [
            f"a file of the browser code is missing: {self.folder / file}"
            for file in sorted(named)
            if not (self.folder / file).is_file()
        ]

    def _read_styles(self) -> str:
        entry = self._manifest.get(STYLES)
        text = (self.folder / entry["file"]).read_text(encoding="utf-8").strip() if entry else ""
        return "" if "</" in text else text  # cannot stand inside <style>; then it is linked

    @property
    def styles(self) -> str:
        """The site's style sheet itself, to be inlined on a first visit."""
        self.manifest()
        return self._styles

    @property
    def styles_version(self) -> str:
        """The hash in the style sheet's name: what the ``styles`` cookie holds once it was sent."""
        return self.address(STYLES).rsplit("-", 1)[-1].removesuffix(".css")


def style_hash(text: str) -> str:
    """What CSP calls the hash of an inlined style sheet, without the ``sha256-`` (CSP3 §2.3.1)."""
    return b64encode(hashlib.sha256(text.encode()).digest()).decode()
