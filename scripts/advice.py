"""What an installing program says when it fails, and what a person can do about it."""

import re

_DISK = "The disk is full. Free about 1 GB and start again."
_HASH = (
    "A downloaded package is not the one in the lock file; nothing of it was installed. Start again; "
    "if it happens again, the mirror or proxy in use changes packages."
)
_COMPILER = (
    "A package has to be compiled here and the C compiler is missing. Install it and start again: "
    "sudo apt-get install build-essential python3-dev pkg-config libssl-dev libffi-dev"
)
_HEADERS = (
    "A package has to be compiled here and headers it needs are missing. Install them and start again: "
    "sudo apt-get install python3-dev pkg-config libssl-dev libffi-dev"
)
_NETWORK = (
    "The package index does not answer. Check the network (or proxy) and start again; "
    "what was already downloaded is kept."
)
_CERTIFICATE = (
    "The package index shows a certificate this machine does not trust. "
    "Check the clock, the proxy and the ca-certificates package."
)
_OWNER = "Some file of this checkout belongs to another user. Make it yours (chown -R) and start again."

# First match wins: a full disk makes everything after it fail in other words.
_ADVICE = (
    (r"No space left on device|ENOSPC|\[Errno 28\]", _DISK),
    (r"DO NOT MATCH THE HASHES|EINTEGRITY", _HASH),
    (r"(gcc|cc|clang|c\+\+)['\"]? failed: No such file|unable to execute '\S*(gcc|cc)'", _COMPILER),
    (r"No such file or directory: '\S*(gcc|cc)'|[Uu]nknown [Cc]ompiler|no acceptable C compiler", _COMPILER),
    (r"fatal error: \S+\.h: No such file", _HEADERS),
    (r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError|Max retries", _NETWORK),
    (r"Failed to establish a new connection|[Nn]ame resolution|Network is unreachable", _NETWORK),
    (r"EAI_AGAIN|ENOTFOUND|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|Connection refused", _NETWORK),
    (r"CERTIFICATE_VERIFY_FAILED|UNABLE_TO_(GET|VERIFY)|SELF_SIGNED_CERT", _CERTIFICATE),
    (r"Permission denied|EACCES|\[Errno 13\]", _OWNER),
)


def advice_on(output: str) -> str | None:
    """What to do about a failure that said *output*; None for a failure nobody thought of."""
    return next((advice for pattern, advice in _ADVICE if re.search(pattern, output)), None)
