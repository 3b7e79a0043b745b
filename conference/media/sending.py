"""Sending to one viewer: what became of the packets (`send_log.py`), and what follows from it.

`SendControl` joins the log, the estimator, the prober and the allocator, and knows neither sockets nor
streams: all of it runs in virtual time.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

from conference.media.allocate import Allocation, Offered, allocate
from conference.media.bandwidth import UNKNOWN, Estimator
from conference.media.engine import Viewing
from conference.media.feedback import Hearing, new_hearing
from conference.media.heard import Heard, closes, joined
from conference.media.probing import Prober
from conference.media.reported import ReportEstimator
from conference.media.send_log import SendLog

_FIRST_REPORT = 3.0  # seconds after which a client that promised feedback and sent none is not waited for
_DECIDE_AGAIN = 2.0  # seconds after which what is not had is weighed again although little has changed
_CALM = 0.03  # seconds later than the fastest packets lately that are nothing to be looked at
_MOST_WAITING = 64  # feedback messages, as in struct majlis_hearing
_MOST_GROUPS = 160
_PING = 1.0  # seconds without a packet after which a collapsed path is asked whether it is there
_IDLE = 8_000  # bit/s over half a second: a ping, or a silent voice's packet now and then
_HOLD = 2.0  # seconds after a collapse before a picture may come back


class SendControl:
    """What one viewer is to get, decided every 100 ms.

    `bitrate` starts it where an earlier connection of the same person ended. `feedback` says whether the
    client promised transport-wide feedback.
    """

    def __init__(self, *, bitrate: int | None = None, feedback: bool = True) -> None:
        self.log = SendLog()
        self.estimator: Estimator | ReportEstimator
        self.prober: Prober | None = None
        self.allocation = Allocation()
        self._asked: tuple[object, object, object, bool, int] = (None, None, None, False, 0)
        self._pictures = False
        self._budget = 0
        self._decided_at = -1e9
        self._hold_until = -1e9
        self._started: float | None = None
        self._totals: deque[tuple[float, int, int]] = deque()
        self._hearing: Hearing | None = None
        self._calm = -math.inf  # feedback waits that took no longer than this
        self._open_until = 0.0
        self._silence = 0.0  # seconds without feedback that may mean something
        self._unseen = False  # something has been judged since the last look that was not calm
        self._judged_at = -math.inf  # when the latest feedback that has been judged came
        self._held: list[tuple[Heard, float, int]] = []  # what waits, where nothing was compiled
        self.can_probe = True  # there is a stream that padding can be sent on
        self.urgent = False  # a collapse was just seen: do not wait for the next tick
        self.protection = 0  # bit/s that redundancy of sound needs, before any picture
        self.sending = 0.0  # bit/s of media over the last half second
        if feedback:
            self.estimator = Estimator(bitrate)
            self.prober = Prober(self.estimator)
        else:
            self.estimator = ReportEstimator(bitrate)

    def promised(self, *, feedback: bool) -> None:
        """What the client's first answer says."""
        if not feedback:
            known = self.estimator.bitrate if self.estimator.known else None
            self.estimator, self.prober = ReportEstimator(known), None

    def start_at(self, bitrate: int) -> None:
        """The same person's last connection ended with this estimate."""
        if isinstance(self.estimator, Estimator):
            self.estimator.learned(bitrate)
        else:
            self.estimator.bitrate = bitrate

    def on_feedback(self, body: bytes, now: float) -> None:
        """The body of one transport-wide feedback. Raises MalformedPacket."""
        if self._hearing is None and self._calm > -math.inf:
            self._hold(body, now)
            return
        self.judge()
        estimator, prober = self.estimator, self.prober
        if not isinstance(estimator, Estimator):
            self.log.hear(body, 0.0, acks=False)
            return
        training = prober is not None and prober.training
        heard, skipped, acks = self.log.hear(body, estimator.open_until, acks=training)
        if heard.packets:
            self._take(estimator, heard, now, skipped)
            if prober is not None and training:
                prober.acked(acks, now)
        self._let_wait()

    def may_rest(self, now: float) -> bool:
        """Whether a look would change nothing: news comes as it should and is calm, nothing better is to be
        had, and nothing is being found out. `rested` is then to be called instead of `tick`."""
        if self._calm == -math.inf or self.allocation.next or self._unseen:
            return False
        if self._hearing is not None:
            heard_at = self._hearing.newest()
        else:
            heard_at = self._held[-1][1] if self._held else -math.inf
        return now - max(heard_at, self._judged_at) < self._silence

    def rested(self, now: float) -> None:
        """There was time for a look, and it was not needed."""
        if isinstance(self.estimator, Estimator):
            self.estimator.looked(now)

    def _take(self, estimator: Estimator, heard: Heard, now: float, skipped: int) -> None:
        before = estimator.collapsed
        estimator.take(heard, now, skipped)
        self._unseen = True
        self.urgent = estimator.collapsed and not before

    def listen(self) -> Hearing | None:
        """Feedback may be read as it comes and wait for the next look, while all is well."""
        log = self.log
        self._hearing = new_hearing(log.state, log.times, log.sizes)
        return self._hearing

    def _hold(self, body: bytes, now: float) -> None:
        """What `intake.c` does with feedback of a calm path; what it leaves to Python is taken by itself."""
        heard, skipped, _ = self.log.hear(body, self._open_until, acks=False)
        if not heard.packets:
            return
        if self._may_wait(heard):
            self._held.append((heard, now, skipped))
            self._open_until = closes(heard, self._open_until)
            return
        self.judge()
        if isinstance(self.estimator, Estimator):
            self._take(self.estimator, heard, now, skipped)
        self._let_wait()

    def _may_wait(self, heard: Heard) -> bool:
        groups = sum([len(each.groups) for each, _, _ in self._held]) + len(heard.groups)
        room = len(self._held) < _MOST_WAITING and groups <= _MOST_GROUPS
        return room and not heard.lost and all([delay <= self._calm for _, _, delay, _ in heard.groups])

    def judge(self) -> None:
        """Feedback that has waited, as one."""
        if self._hearing is not None:
            waited = self._hearing.take()
        else:
            held, self._held = self._held, []
            waited = joined(held) if held else None
        estimator = self.estimator
        if waited is not None and isinstance(estimator, Estimator):
            estimator.take_calm(waited)
            self.urgent = False
        self._let_wait()

    def _let_wait(self) -> None:
        """Only what cannot change anything before the next look: nobody is being probed, nothing stands."""
        estimator, prober = self.estimator, self.prober
        calm = -math.inf
        open_until = 0.0
        if isinstance(estimator, Estimator):
            open_until, self._silence = estimator.open_until, estimator.silence
            self._judged_at = estimator.heard_at
            if estimator.at_ease and prober is not None and not prober.training and not prober.filling:
                calm = estimator.floor + _CALM
        self._calm, self._open_until = calm, open_until
        if self._hearing is not None:
            self._hearing.wait(calm, open_until)

    def on_report(self, loss: float, rtt: float | None, now: float) -> None:
        """A reception report; it counts only where there is no transport-wide feedback."""
        if isinstance(self.estimator, ReportEstimator):
            self.estimator.report(loss, rtt, self.sending, now)

    def on_remb(self, bitrate: int) -> None:
        if isinstance(self.estimator, ReportEstimator):
            self.estimator.told(bitrate)

    def tick(self, now: float, offered: Sequence[Offered], viewing: Viewing, speakers: Sequence[str]) -> int:
        """Look again; `allocation` is then up to date. Returns the bytes of padding to send now.

        The same `offered` and `speakers` objects mean that nothing about them has changed.
        """
        self.judge()
        self.urgent = self._unseen = False
        padding = self._look(now, offered, viewing, speakers)
        self._let_wait()
        return padding

    def _look(self, now: float, offered: Sequence[Offered], viewing: Viewing, speakers: Sequence[str]) -> int:
        self._measure(now)
        estimator = self.estimator
        estimator.tick(now, self.log.unheard_since)
        waiting = not estimator.known and self._await_first(now)
        if estimator.collapsed:
            self._hold_until = now + _HOLD
        elif estimator.bitrate > 2 * UNKNOWN:
            self._hold_until = now  # a false alarm, or measured well meanwhile
        sound_only = waiting or now < self._hold_until
        budget = self._spendable(now)
        if (
            offered is not self._asked[0]
            or viewing is not self._asked[1]
            or speakers is not self._asked[2]
            or sound_only is not self._asked[3]
            or self.protection != self._asked[4]
            or abs(budget - self._budget) > 0.04 * self._budget
            or (self.allocation.next and now - self._decided_at >= _DECIDE_AGAIN)
        ):
            self._asked, self._budget, self._decided_at = (
                (offered, viewing, speakers, sound_only, self.protection),
                budget,
                now,
            )
            self._pictures = viewing.pictures != "none" and any(not o.is_sound for o in offered)
            self.allocation = allocate(
                budget,
                offered,
                viewing,
                speakers,
                self.allocation,
                sound_only=sound_only,
                protection=self.protection,
            )
        if self.prober is None or not self.can_probe:
            return 0
        if not self.allocation.next and estimator.known and not estimator.draining and self.prober.idle:
            return 0  # content: nothing to gain
        if estimator.draining and now - self.log.last > _PING:
            return self.prober.ping(now)  # nothing flows, so nothing would ever tell that the path is back
        if now < self._hold_until:
            return 0
        if not self._pictures:
            return 0
        most = viewing.max_bitrate or self.allocation.best
        useful = self.allocation.next if self.allocation.next <= most else 0
        return self.prober.step(now, useful, min(self.allocation.best, most), self.sending, self.log.total)

    @property
    def filling(self) -> bool:
        """Whether a probe wants a step between two ticks, or a suspicion a look."""
        estimator, prober = self.estimator, self.prober
        suspects = isinstance(estimator, Estimator) and estimator.suspects
        return suspects or (prober is not None and prober.filling)

    @property
    def copies(self) -> int:
        """How often a packet asked for again is sent: where much is lost, a lost copy freezes the picture."""
        estimator = self.estimator
        much = 0.06 if estimator.rtt < 0.3 else 0.02
        return 2 if estimator.loss > much and not estimator.draining else 1

    def _measure(self, now: float) -> None:
        totals = self._totals
        total, spent = self.log.total, self.prober.spent if self.prober else 0
        totals.append((now, total, spent))
        while len(totals) > 2 and totals[1][0] <= now - 0.5:
            totals.popleft()
        before, total_then, spent_then = totals[0]
        passed = now - before
        rate = (total - total_then) * 8 / passed if passed > 0 else 0.0
        self.sending = rate - (spent - spent_then) * 8 / passed if passed > 0 else 0.0
        if rate > _IDLE and isinstance(self.estimator, Estimator):
            self.estimator.busy_at = now

    def _await_first(self, now: float) -> bool:
        """Until the first measurement only sound: a key frame would stand before it on a weak link."""
        if self._started is None and self.log.total:
            self._started = now
        if self._started is not None and now - self._started > _FIRST_REPORT and self.log.unheard_since:
            if self.estimator.rtt == 0.0:
                self.estimator, self.prober = ReportEstimator(UNKNOWN), None
            else:
                self.estimator.known = True
        return not self.estimator.known

    def _spendable(self, now: float) -> int:
        """An encoder that swells a little is not taken away before the path has complained."""
        estimator = self.estimator
        if now - estimator.overused_at > 1.5 and not estimator.draining:
            return int(max(estimator.bitrate, min(self.allocation.cost * 1.1, self.sending * 1.1)))
        # While a queue shrinks nothing is added to it, whatever is found out about the path meanwhile.
        return min(estimator.bitrate, self._budget) if estimator.draining else estimator.bitrate
