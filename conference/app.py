"""Composition root: every live command and snapshot part, and the objects behind them.

Nothing is built outside this file, and nothing here decides anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Protocol

import msgspec
from aiohttp import web

from conference.agenda.clashes.keeping import CHECKERS, Checkers
from conference.agenda.export_pages import PRESS
from conference.agenda.exporting.printing.typesetting import Press
from conference.agenda.kept import KEPT, Kept
from conference.agenda.moving_up import MovingUp
from conference.agenda.naming import names_on_programme
from conference.agenda.organizing.cloning import CLONED_ALONG, CloneAlong
from conference.agenda.pages import SESSION_PARTS, SessionPart
from conference.agenda.reading import event_by_id, schedule_of
from conference.agenda.releasing.telling import TELLING, Telling
from conference.agenda.scope import resolve_scope
from conference.agenda.starting_soon import StartingSoon
from conference.assets import built_folder, templates_folder
from conference.chat.erasing import erase_forever
from conference.chat.live import ChatDesk
from conference.chat.organizer_pages import CHAT, SECTIONS, Section
from conference.chat.pages import (
    STANDING,
    StandingAnnouncements,
    announcement_values,
    announcements_middleware,
)
from conference.chat.reading import snapshot as chat_snapshot
from conference.clock import Clock
from conference.live.commands import Commands, LiveCommand
from conference.live.counters import Counters as LiveCounters
from conference.live.doorbell import Doorbell
from conference.live.elsewhere import Elsewhere
from conference.live.following import POLL_SECONDS
from conference.live.hub import Hub
from conference.live.messages import Announcement
from conference.live.pages import LIVE_PAGES, LivePages
from conference.live.snapshot import SnapshotPart
from conference.live.tally import Tally
from conference.live.tickets import Tickets
from conference.media.engine import Engine
from conference.media.local_engine import LocalEngine
from conference.media.worker.engine import WorkerEngine
from conference.media_plane import engine_settings, figures_of_media, media_state, turn_settings
from conference.people.access import access_middleware, page_values
from conference.people.bearing import bearer_middleware
from conference.people.events import EVENTS, Events
from conference.people.forgetting import forget_forever
from conference.people.live import NotificationDesk
from conference.people.notifications import bell
from conference.people.permissions import Capability
from conference.people.postman import Postman
from conference.people.session_cookie import REVOCATIONS, keep_session, session_middleware
from conference.people.sessions import Revocations
from conference.people.tries import TRIES, sign_in_window
from conference.people.viewer import VIEWER
from conference.polls.counting import count_polls
from conference.polls.live import PollDesk
from conference.polls.pages import polls_on_session
from conference.polls.reading import own_answers
from conference.questions import defaults_form as asking_defaults
from conference.questions.live import QuestionDesk
from conference.questions.session_part import questions_on_session
from conference.questions.snapshot import Snapshots as QuestionSnapshots
from conference.questions.snapshot import own_votes
from conference.questions.voting import count_votes
from conference.routes import ROUTES
from conference.serving.built import BuiltFiles
from conference.serving.compression import compression
from conference.serving.context import CLOCK, DATABASE, PAGE_VALUES, SETTINGS, PageValues
from conference.serving.failures import failures
from conference.serving.headers import header_signal
from conference.serving.health import Health, Metrics
from conference.serving.mail import Mailer
from conference.serving.pages import PAGES, Pages
from conference.serving.preferences import zone_middleware
from conference.serving.protection import keep_visit, origin_of, protection_middleware
from conference.serving.routing import Route, add_routes
from conference.serving.translation import language_middleware
from conference.settings import Settings
from conference.stage import checking_pages, connections_pages, whip
from conference.stage import defaults_form as stage_defaults
from conference.stage import pages as stage
from conference.stage.admitting import admitting, identify, permitting
from conference.stage.adopting import Adoption
from conference.stage.beside import Beside
from conference.stage.checking import Checks
from conference.stage.commands import recording_commands, stage_commands
from conference.stage.connections_live import ConnectionDesk
from conference.stage.enforcing import Enforcer
from conference.stage.hands_live import HandDesk
from conference.stage.ingest import Machines
from conference.stage.lateness import LateDesk
from conference.stage.live import StageDesk
from conference.stage.media_live import MediaDesk
from conference.stage.media_news import MediaNews
from conference.stage.mood_live import MoodDesk
from conference.stage.obeying import Obeying
from conference.stage.recording import RecordingDesk
from conference.stage.recordings import moment_in_recording
from conference.stage.revoking import Revoker
from conference.stage.rooms import Rooms
from conference.storage.database import Database

SOCKET_PATH = "/live/socket/"


class Desk(Protocol):
    """The live edge of a domain."""

    def commands(self) -> list[LiveCommand]: ...


class Part(Protocol):
    """What starts and stops with the server."""

    async def start(self) -> None: ...

    async def close(self) -> None: ...


def compose(
    settings: Settings, clock: Clock, database: Database, workers: Sequence[Path] = ()
) -> web.Application:
    """The whole server as one aiohttp application; its parts start and stop with it.

    *workers* are the sockets of media workers; without any, rooms live in this process.
    """
    rooms = Rooms()
    news = MediaNews(rooms)
    engine: Engine = WorkerEngine(workers, news) if workers else LocalEngine(engine_settings(settings), news)
    limits = {"max_publishers": settings.media.max_publishers, "max_viewers": settings.media.max_viewers}
    enforcer = Enforcer(database=database, clock=clock, engine=engine, rooms=rooms, news=news, **limits)
    machines = Machines(database=database, clock=clock, engine=engine, rooms=rooms, enforcer=enforcer)
    news.track_listeners.append(machines.heard_of_track)
    news.gone_listeners.append(machines.heard_gone)
    news.reopened_listeners.append(machines.reopened)
    adoption = Adoption(
        database=database,
        clock=clock,
        engine=engine,
        rooms=rooms,
        enforcer=enforcer,
        news=news,
        machines=machines,
    )
    stage_desk = StageDesk(
        database=database,
        clock=clock,
        rooms=rooms,
        enforcer=enforcer,
        machines=machines,
        turn=turn_settings(settings),
    )
    media_desk = MediaDesk(
        database=database, clock=clock, engine=engine, rooms=rooms, enforcer=enforcer, news=news
    )
    checks = Checks(engine, clock, turn_settings(settings))
    recording_desk = RecordingDesk(
        database=database, clock=clock, engine=engine, rooms=rooms, enforcer=enforcer, folder=settings.folder
    )
    news.recording_listeners.append(recording_desk.failed)
    tally = _tally(settings, clock, database)
    question_desk = QuestionDesk(database, clock, tally, _tell_later(lambda: hub), moment_in_recording)
    mood_desk = MoodDesk(database, clock, rooms, news)
    poll_desk = PollDesk(database, clock, tally, _tell_later(lambda: hub))
    counters = LiveCounters()
    tickets = Tickets(clock, settings.live.ticket_seconds)
    admit = admitting(clock)
    commands = Commands(
        live_commands(
            stage_desk,
            media_desk,
            question_desk,
            recording_desk,
            LateDesk(database, clock),
            NotificationDesk(database, clock),
            poll_desk,
            HandDesk(database, clock, rooms, enforcer),
            mood_desk,
            ConnectionDesk(rooms, engine),
            ChatDesk(database, clock),
        ),
        database=database,
        permit=permitting(clock),
        counters=counters,
    )
    elsewhere = _elsewhere(settings, clock, database)
    hub = Hub(
        settings=settings.live,
        origins=_origins(settings),
        database=database,
        tickets=tickets,
        admit=admit,
        commands=commands,
        parts=[
            SnapshotPart("stage", stage_desk.snapshot, always=True),  # presence is not in the log
            SnapshotPart("notifications", bell),
            SnapshotPart("questions", QuestionSnapshots()),
            SnapshotPart("question_votes", own_votes, always=True),
            SnapshotPart("polls", poll_desk.snapshot),
            SnapshotPart("poll_answers", own_answers, always=True),
            SnapshotPart("chat", chat_snapshot),
        ],
        counters=counters,
        on_enter=[stage_desk.entered],
        on_leave=[stage_desk.left],
        elsewhere=elsewhere,
    )
    news.teller = hub
    if elsewhere is not None:
        elsewhere.listeners.append(Obeying(database, rooms, enforcer).heard)
    beside: list[Part] = [Beside(database, clock, rooms)] if elsewhere is not None else []
    live_pages = LivePages(
        settings=settings.live,
        database=database,
        tickets=tickets,
        commands=commands,
        identify=identify,
        admit=admit,
        counters=counters,
        admit_outside=admitting(clock, door=False),
    )
    moving_up = MovingUp(database, clock, public_url=settings.public_url)
    postman = Postman(database, Mailer(settings.mail), clock)
    health = Health({"media": partial(media_state, engine)})
    metrics = Metrics([partial(_live_figures, counters), partial(figures_of_media, engine)])
    revoker = Revoker(database=database, clock=clock, hub=hub, rooms=rooms, enforcer=enforcer)

    app = web.Application(
        middlewares=[
            metrics.count,
            compression,
            failures,
            session_middleware,
            bearer_middleware,
            language_middleware(lambda request: request[VIEWER].language),
            zone_middleware(lambda request: request[VIEWER].zone),
            protection_middleware,
            access_middleware(resolve_scope, unlisted=[SOCKET_PATH]),
            announcements_middleware,
        ],
        client_max_size=settings.server.max_upload_bytes,
    )
    app[SETTINGS] = settings
    app[CLOCK] = clock
    app[DATABASE] = database
    app[PAGES] = Pages(templates_folder(), BuiltFiles(built_folder()))
    app[KEPT] = Kept()
    app[CHECKERS] = Checkers(database, clock)
    app[TELLING] = Telling(database, clock)
    app[PRESS] = Press()
    app[STANDING] = StandingAnnouncements(database)
    sections = [CHAT, Section(*asking_defaults.SECTION), Section(*stage_defaults.SECTION)]
    app[SECTIONS] = sections
    along: list[CloneAlong] = [section.copy for section in sections]
    app[CLONED_ALONG] = along
    values: list[PageValues] = [page_values, announcement_values]
    app[PAGE_VALUES] = values
    session_parts: list[SessionPart] = [questions_on_session, polls_on_session]
    app[SESSION_PARTS] = session_parts
    app[LIVE_PAGES] = live_pages
    app[stage.ROOMS] = rooms
    app[connections_pages.ENGINE] = engine
    app[checking_pages.CHECKS] = checks
    app[whip.MACHINES] = machines
    app[REVOCATIONS] = Revocations()
    app[TRIES] = sign_in_window(settings.people, clock)
    app[EVENTS] = Events(
        by_id=event_by_id,
        sessions=lambda rows, event_id: schedule_of(rows, event_by_id(rows, event_id)).sessions,
        names_on_programme=names_on_programme,
    )
    app.on_response_prepare.extend([header_signal(settings.public_url), keep_session, keep_visit])
    add_routes(app, [*ROUTES, *_routes_of(live_pages, health, metrics)])
    app.router.add_route("GET", SOCKET_PATH, hub.sockets.handle)  # checks for itself: Origin and ticket
    app[REVOCATIONS].subscribe(revoker.revoked)

    async def run(_app: web.Application) -> AsyncIterator[None]:
        parts: list[Part] = [
            engine,
            adoption,
            tally,
            enforcer,
            machines,
            recording_desk,
            mood_desk,
            StartingSoon(database, clock),
            moving_up,
            *beside,
            hub,
        ]
        async with AsyncExitStack() as stack:
            for part in parts:
                await part.start()
                stack.push_async_callback(part.close)
            forgetting = forget_forever(database, clock, address_days=settings.people.address_days)
            telling = app[TELLING].run()
            async with _beside(postman.run(), telling, forgetting, erase_forever(database, clock)):
                yield

    app.cleanup_ctx.append(run)
    app.on_shutdown.append(lambda _app: hub.close())  # aiohttp waits for open sockets: close them first
    return app


def live_commands(
    stage_desk: StageDesk,
    media: MediaDesk,
    questions: QuestionDesk,
    recording: RecordingDesk,
    late: LateDesk,
    *desks: Desk,
) -> list[LiveCommand]:
    """Every live command of the product, with the capability it demands (docs/live-protocol.md)."""
    return [
        *stage_commands(stage_desk, media),
        *late.commands(),
        *recording_commands(recording),
        *questions.commands(),
        *(command for desk in desks for command in desk.commands()),
    ]


def _routes_of(live: LivePages, health: Health, metrics: Metrics) -> list[Route]:
    return [
        Route("GET", "/healthz", health.healthz, Capability.ANYONE),
        Route("GET", "/metrics", metrics.metrics, Capability.ANYONE),
        Route("POST", "/live/ticket", live.ticket, Capability.SIGNED_IN),
        Route("POST", "/live/command", live.command, Capability.SIGNED_IN),
    ]


def _elsewhere(settings: Settings, clock: Clock, database: Database) -> Elsewhere | None:
    """The link to other processes on the same database, when there is a bell between them."""
    url = settings.live.redis_url
    return Elsewhere(database, clock, Doorbell(url)) if url else None


def _tally(settings: Settings, clock: Clock, database: Database) -> Tally:
    """Everything that is counted in rooms; among several processes each looks after what another left."""
    counts = [count_votes, count_polls]
    look = POLL_SECONDS if settings.live.redis_url else None
    return Tally(database, clock, settings.live.tally_interval_ms / 1000, counts, look=look)


def _origins(settings: Settings) -> set[str]:
    """Where our pages may be open. Tried out without a public address, also under the loopback's names."""
    origins = {origin_of(settings.public_url)}
    if not settings.server.public_url:
        names = {"localhost", "127.0.0.1", settings.server.host} - {"0.0.0.0", "::"}  # noqa: S104  # not listened on
        origins |= {f"http://{name}:{settings.server.port}" for name in names}
    return origins


def _tell_later(hub: Callable[[], Hub]) -> Callable[[str, Announcement], None]:
    """Questions are told through the hub, and the hub runs their commands: one of them comes later."""
    return lambda channel, announcement: hub().tell(channel, announcement)


async def _live_figures(counters: LiveCounters) -> dict[str, float]:
    return {f"live_{name}": value for name, value in msgspec.structs.asdict(counters).items()}


@asynccontextmanager
async def _beside(*work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Run endless *work* in tasks until the block ends."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
