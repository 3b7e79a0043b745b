"""Short-lived credentials for a TURN server (coturn's `use-auth-secret`, draft-uberti-behave-turn-rest-00).

The TURN server knows the secret and no users: the name says until when it is good, the password proves that
whoever shares the secret has made it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """`urls` as RFC 7065 has them: "turns:turn.example.org:443?transport=tcp". `lifetime` in seconds."""

    urls: tuple[str, ...] = ()
    secret: str = ""
    lifetime: int = 86_400


NO_TURN = TurnSettings()


def ice_servers(settings: TurnSettings, participant_id: str, now: float) -> list[dict[str, object]]:
    """What the browser's RTCPeerConnection takes as `iceServers`; *now* in seconds of Unix time."""
    if not settings.urls:
        return []
    username = f"{int(now) + settings.lifetime}:{participant_id}"
    digest = hmac.new(settings.secret.encode(), username.encode(), hashlib.sha1).digest()
    credential = base64.b64encode(digest).decode()
    return [{"urls": list(settings.urls), "username": username, "credential": credential}]
