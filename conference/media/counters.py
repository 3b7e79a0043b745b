"""Plain integer counters of the packet path, read by the statistics and by Prometheus."""

from __future__ import annotations


class Counters:
    """Engine-wide totals since start. Every datagram that is not forwarded is counted under its reason."""

    __slots__ = (
        "bytes_in",
        "bytes_out",
        "datagrams_in",
        "datagrams_out",
        "dropped_backlog",
        "dropped_dtls",
        "dropped_malformed",
        "dropped_muted",
        "dropped_policed",
        "dropped_send",
        "dropped_srtp",
        "dropped_ssrc",
        "dropped_stun",
        "dropped_tcp",
        "dropped_unknown_address",
        "nacks_received",
        "nacks_sent",
        "packets_forwarded",
        "packets_in",
        "plis_received",
        "plis_sent",
        "retransmissions",
        "tcp_accepted",
    )

    def __init__(self) -> None:
        for name in self.__slots__:
            setattr(self, name, 0)

    datagrams_in: int
    datagrams_out: int
    bytes_in: int
    bytes_out: int
    packets_in: int
    packets_forwarded: int
    retransmissions: int
    nacks_sent: int
    nacks_received: int
    plis_sent: int
    plis_received: int
    dropped_unknown_address: int
    dropped_stun: int
    dropped_dtls: int
    dropped_srtp: int
    dropped_malformed: int
    dropped_ssrc: int
    dropped_policed: int
    dropped_muted: int
    dropped_send: int
    dropped_backlog: int
    dropped_tcp: int
    tcp_accepted: int

    def as_dict(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.__slots__}
