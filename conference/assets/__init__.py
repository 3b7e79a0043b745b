"""Where the files that are not Python are: templates, built browser code, translations, default settings.

A checkout keeps them where people edit them (``web/``, ``config/``); a wheel carries copies beside this file.
The checkout wins, so that an edited template shows at the next reload.
"""

from pathlib import Path

_PACKAGED = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGED.parent.parent


def in_checkout() -> bool:
    """Whether the package runs from a source checkout rather than from an installed wheel."""
    return (_CHECKOUT / "pyproject.toml").is_file() and (_CHECKOUT / "web" / "templates").is_dir()


def templates_folder() -> Path:
    """The folder of the Jinja2 templates, one subfolder for each domain."""
    return _CHECKOUT / "web" / "templates" if in_checkout() else _PACKAGED / "templates"


def built_folder() -> Path:
    """The folder of the bundled scripts and styles and their ``manifest.json`` (by ``web/build.mjs``)."""
    return _PACKAGED / "built"


def locales_folder() -> Path:
    """The gettext folder: ``<language>/LC_MESSAGES/majlis.mo``.

    The compiled catalogues are build products in a checkout too, so both cases read the same folder.
    """
    return _PACKAGED / "locales"


def default_settings_file() -> Path:
    """The TOML file that names every setting with its default and the reason for it."""
    return _CHECKOUT / "config" / "default.toml" if in_checkout() else _PACKAGED / "default.toml"
