"""The desk's media side: offers and answers between a tab and the engine."""

from __future__ import annotations

from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from conference.clock import Clock
from conference.errors import N_, Conflict
from conference.live.commands import Caller
from conference.media.engine import Engine, SubscribeOffer, Tile, Viewing
from conference.media.errors import MediaError, UnknownParticipant, UnknownRoom, WorkerLost
from conference.stage import messages as m
from conference.stage.enforcing import Enforcer
from conference.stage.entering import require_open_door
from conference.stage.floor import Source
from conference.stage.live import place_of
from conference.stage.media_news import MediaNews
from conference.stage.presence import Presence
from conference.stage.publishing import explained, require_floor, sources_in
from conference.stage.rooms import Rooms
from conference.stage.standing import Place, Standing
from conference.storage.database import Database


class MediaDesk:
    """Handlers of the signalling commands. None is durable: they belong to one connection."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        engine: Engine,
        rooms: Rooms,
        enforcer: Enforcer,
        news: MediaNews,
    ) -> None:
        self._database = database
        self._clock = clock
        self._engine = engine
        self._rooms = rooms
        self._enforcer = enforcer
        self._news = news

    async def resume(self, caller: Caller, command: m.ResumeTab, client_id: str) -> object:
        """`kept` tells whether the older tab's media go on; else the browser starts anew."""
        people, fresh = self._tab(caller)
        if not people.resume(caller.connection_id, command.participant):
            return {"kept": False, "participant": fresh}
        room_id, participant = caller.session_code, command.participant
        if self._news.awaits_answer(room_id, participant):
            # The offer may have been lost with the old link, and the engine makes no other before its answer.
            with suppress(UnknownRoom, UnknownParticipant):
                offer = await self._engine.restart_subscribe(room_id, participant)
                self._news.on_offer(room_id, participant, offer.version, offer.sdp)
        return {"kept": True, "participant": participant}

    async def publish(self, caller: Caller, command: m.PublishMedia, client_id: str) -> object:
        """The SDP answer. Asks the database whether the person is on the floor, before and after."""
        place = place_of(caller)
        people, participant = self._tab(caller)
        standing = await self._database.read(lambda rows: self._may_publish(rows, place, caller))
        people.stand(standing)
        try:
            await self._enforcer.open(place)  # a tab publishes and subscribes at once, in either order
            answer = await self._engine.publish(place.code, participant, command.sdp, command.sources)
            await self._enforcer.mute(place, participant, standing.stopped)
        except MediaError as error:
            raise explained(error, sending=True) from error
        await self._move_here(caller, people, participant)
        if not people.may_send(participant):  # sent back while the engine was at work
            await self._unpublish(caller, participant)
            await self._database.read(lambda rows: require_floor(rows, place, caller.account_id))
        people.show(caller.connection_id, sources_in(command.sources.values()))
        return {"sdp": answer}

    async def stop_publishing(self, caller: Caller, command: m.StopPublishing, client_id: str) -> object:
        people, participant = self._tab(caller)
        people.show(caller.connection_id, [])
        await self._unpublish(caller, participant)
        return {}

    async def show_sources(self, caller: Caller, command: m.ShowSources, client_id: str) -> object:
        people, _ = self._tab(caller)
        said = {
            Source.MICROPHONE: command.microphone,
            Source.CAMERA: command.camera,
            Source.SCREEN: command.screen,
        }
        people.show(caller.connection_id, [source for source, on in said.items() if on])
        return {}

    async def choose_viewing(self, caller: Caller, command: m.ChooseViewing, client_id: str) -> object:
        """What the tab wants to get; what it wants nothing of is no longer offered."""
        people, participant = self._tab(caller)
        viewing = replace(
            people.viewing_of(participant),
            pictures=command.pictures,
            sound=command.sound,
            only=command.only,
            max_bitrate=command.max_kbits * 1000,
        )
        await self._view(caller, people, participant, viewing)
        await self._enforcer.allow(place_of(caller))
        return {}

    async def show_tiles(self, caller: Caller, command: m.ShowTiles, client_id: str) -> object:
        people, participant = self._tab(caller)
        tiles = tuple(Tile(t.participant, t.source, t.width, t.height) for t in command.tiles)
        viewing = replace(people.viewing_of(participant), tiles=tiles)
        await self._view(caller, people, participant, viewing)
        return {}

    async def _view(self, caller: Caller, people: Presence, participant: str, viewing: Viewing) -> None:
        people.view(participant, viewing)
        with suppress(UnknownRoom, WorkerLost):  # the tab tells it again where the room is opened next
            await self._engine.view(caller.session_code, participant, viewing)

    async def subscribe(self, caller: Caller, command: m.SubscribeMedia, client_id: str) -> object:
        """A new connection for what the room sends: `{version, sdp}`."""
        place, (_, participant) = place_of(caller), self._tab(caller)
        now = self._clock.now()
        await self._database.read(lambda rows: require_open_door(rows, place, caller.account_id, now=now))
        return await self._offer(self._subscribe(place, participant))

    async def _subscribe(self, place: Place, participant: str) -> SubscribeOffer:
        await self._enforcer.open(place)
        self._news.forget(place.code, participant)
        return await self._engine.subscribe(place.code, participant)

    async def restart(self, caller: Caller, command: m.RestartMedia, client_id: str) -> object:
        _, participant = self._tab(caller)
        return await self._offer(self._engine.restart_subscribe(caller.session_code, participant))

    async def answer(self, caller: Caller, command: m.AnswerMedia, client_id: str) -> object:
        _, participant = self._tab(caller)
        self._news.answered(caller.session_code, participant, command.version)
        try:
            await self._engine.subscribe_answer(
                caller.session_code, participant, command.version, command.sdp
            )
        except MediaError as error:
            raise explained(error) from error
        return {}

    # ---------------------------------------------------------------------------------------------

    def _may_publish(self, rows: Connection, place: Place, caller: Caller) -> Standing:
        require_open_door(rows, place, caller.account_id, now=self._clock.now())
        return require_floor(rows, place, caller.account_id)

    @staticmethod
    async def _offer(asked: Coroutine[Any, Any, SubscribeOffer]) -> object:
        try:
            offer = await asked
        except MediaError as error:
            raise explained(error) from error
        return {"version": offer.version, "sdp": offer.sdp}

    async def _move_here(self, caller: Caller, people: Presence, participant: str) -> None:
        """A person is on stage once: what another tab of theirs sent ends."""
        for other in people.participants_of(caller.account_id):
            if other == participant:
                continue
            await self._unpublish(caller, other)
            connection_id = people.connection_of(other)
            if connection_id is not None and self._news.teller is not None:
                people.show(connection_id, [])
                self._news.teller.send(connection_id, m.MediaEnded(code="stage.moved"))

    async def _unpublish(self, caller: Caller, participant: str) -> None:
        with suppress(UnknownRoom, UnknownParticipant, WorkerLost):
            await self._engine.unpublish(caller.session_code, participant, None)

    def _tab(self, caller: Caller) -> tuple[Presence, str]:
        room = self._rooms.get(caller.session_code)
        participant = room.people.participant_of(caller.connection_id) if room else None
        if room is None or participant is None:
            raise Conflict(N_("You are not in this room any more."), code="stage.not-here")
        return room.people, participant
