"""The live edge of reactions and signals: counted in memory, told together, never written down.

Speakers and the desk are told once a second at most; the room hears the sums of reactions every few seconds,
however many clap, so that its weakest link pays for a few bytes a second at most.
"""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable

from conference.clock import Clock
from conference.errors import N_, TooMany
from conference.live.channels import person_channel, stage_channel
from conference.live.commands import Caller, LiveCommand
from conference.live.tally import Coalescer
from conference.people.permissions import Capability, Role
from conference.stage import messages as m
from conference.stage.floor import Floor
from conference.stage.live import place_of
from conference.stage.media_news import MediaNews, Teller
from conference.stage.mood import Mood, Reaction
from conference.stage.presence import Present
from conference.stage.rooms import LiveRoom, Rooms
from conference.stage.rules import require_reactions
from conference.storage.database import Database

ROUND_SECONDS = 1.0
ROOM_ROUNDS = 3  # the whole room hears of reactions every so many rounds
AGAIN_ROUNDS = 10  # signals that hold are told again, for speakers who have just come in


class MoodDesk:
    """Handlers of `React` and `GiveSignal`, and the rounds in which the rooms hear of them."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        rooms: Rooms,
        news: MediaNews,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        seconds: float = ROUND_SECONDS,
    ) -> None:
        self._database, self._clock, self._rooms = database, clock, rooms
        self._news = news
        self._monotonic = monotonic
        self._origin = secrets.token_hex(4)
        self._moods: dict[str, RoomMood] = {}
        self._rounds = Coalescer(self.go_round, seconds, "room mood")

    def commands(self) -> list[LiveCommand]:
        """For the list in `app.py`. Of the moment: what could not be sent is not sent later."""
        return [
            LiveCommand(m.React, self.react, Capability.ENTER_ROOM, durable=False),
            LiveCommand(m.GiveSignal, self.signal, Capability.ENTER_ROOM, durable=False),
        ]

    async def start(self) -> None:
        await self._rounds.start()

    async def close(self) -> None:
        await self._rounds.close()

    async def react(self, caller: Caller, command: m.React, client_id: str) -> object:
        await self._database.read(lambda rows: require_reactions(rows, place_of(caller)))
        if not self._mood(caller).mood.react(caller.account_id, command.reaction):
            raise TooMany(N_("That was very fast. Wait a moment."), retry_after=1, code="live.too-fast")
        self._rounds.ring()
        return {}

    async def signal(self, caller: Caller, command: m.GiveSignal, client_id: str) -> object:
        self._mood(caller).mood.signal(caller.account_id, command.signal, command.on, self._clock.now())
        self._rounds.ring()
        return {}

    def _mood(self, caller: Caller) -> RoomMood:
        found = self._moods.get(caller.session_code)
        if found is None:
            found = self._moods[caller.session_code] = RoomMood(Mood(self._monotonic))
        return found

    async def go_round(self) -> None:
        """Tell every room what has changed in it; another follows while anything may still fade."""
        teller = self._news.teller
        for code, mood in list(self._moods.items()):
            room = self._rooms.get(code)
            if room is None or teller is None:
                del self._moods[code]
                continue
            if news := mood.news(room, self._clock, self._origin):
                self._tell_stage(teller, room, news)
            if reactions := mood.for_room():
                teller.tell(room.place.channel, m.ReactionsCounted(reactions=reactions))
            if mood.is_quiet:
                del self._moods[code]
        if self._moods:
            self._rounds.ring()

    def _tell_stage(self, teller: Teller, room: LiveRoom, news: m.MoodChanged) -> None:
        teller.tell(stage_channel(room.place.code), news)
        # Somebody of the audience who has the floor now is in no channel of those who speak.
        for person, tab in room.people.tabs():
            if _is_guest(person) and tab.lost_at is None:
                teller.send(tab.connection_id, news)
        for person in room.people.beside.values():
            if _is_guest(person) and person.lost_at is None:
                teller.tell(person_channel(person.public_id), news)


def _is_guest(person: Present) -> bool:
    """Somebody of the audience who is on stage."""
    return person.state is Floor.ON_STAGE and person.role is Role.ATTENDEE


class RoomMood:
    """What of one room's mood was told and what waits to be."""

    def __init__(self, mood: Mood) -> None:
        self.mood = mood
        self._told_signals: dict[str, int] = {}
        self._for_room: Counter[Reaction] = Counter()
        self._rounds = 0
        self.is_quiet = False

    def news(self, room: LiveRoom, clock: Clock, origin: str) -> m.MoodChanged | None:
        """What speakers have to hear in this round; None when it is what they know."""
        self._rounds += 1
        people = room.people.accounts_here()  # at this process, as the signals are; `here` counts everybody
        reactions = self.mood.take_reactions()
        signals = self.mood.signals(people, clock.now())
        self._for_room.update(reactions)
        told, self._told_signals = self._told_signals, {name.value: count for name, count in signals.items()}
        again = bool(signals) and self._rounds % AGAIN_ROUNDS == 0
        # Quiet only when the last word, that nothing holds any more, has been said.
        self.is_quiet = not reactions and not signals and not self._for_room
        if not reactions and told == self._told_signals and not again:
            return None
        return m.MoodChanged(origin=origin, here=room.people.here, reactions=reactions, signals=signals)

    def for_room(self) -> dict[Reaction, int]:
        """The sums that are due to the whole room in this round."""
        if self._rounds % ROOM_ROUNDS:
            return {}
        due, self._for_room = dict(self._for_room), Counter()
        return due
