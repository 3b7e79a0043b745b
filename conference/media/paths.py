"""What carries a transport's packets: a path, over UDP or TCP, from one of our sockets to one of the peer's.

Nothing above a path knows which kind it is. A path belongs to nobody until a check of connectivity with the
right password has come over it (`bind`); until then it carries nothing on and is sent nothing but the reply.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol

from conference.media.intake import Opened, Peer

Address = tuple[str, int]
Receive = Callable[[bytes, float], None]
PathKind = Literal["udp", "tcp"]


class Owner(Protocol):
    """Who a path's packets are for. All but `lost` are read once, when the path is bound: `receive` for
    datagrams, `opened` for what `peer` had taken in (`intake.py`), if there is one."""

    @property
    def receive(self) -> Receive: ...

    @property
    def peer(self) -> Peer | None: ...

    @property
    def opened(self) -> Opened: ...

    def lost(self, path: Path) -> None:
        """The path has ended by itself (TCP): nothing can be sent over it any more."""


class Path(Protocol):
    """`remote` is the socket address of the peer, as the system has it: host and port come first."""

    @property
    def kind(self) -> PathKind: ...

    @property
    def remote(self) -> tuple[Any, ...]: ...

    def send(self, data: bytes) -> None:
        """Send or drop, at once: media that waits is worth nothing, and what is dropped is counted."""

    def bind(self, owner: Owner) -> None:
        """Everything but STUN goes to *owner* from now on, whoever had it before."""

    def unbind(self, owner: Owner) -> None:
        """Harmless when the path has meanwhile another owner."""


# A STUN message, the path it came over, and the monotonic time; whether it was authenticated.
HandleStun = Callable[[bytes, Path, float], bool]
