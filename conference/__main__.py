"""The `majlis` command: serve, media, demo, migrate, backup, check, event, invite, schedule import|export.

Every command answers trouble with one line on standard error and exit status 1.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import webbrowser
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from conference import __version__
from conference.agenda import command_line as schedule_commands
from conference.agenda.organizing import making_command
from conference.agenda.reading import event_by_slug
from conference.agenda.surroundings import Run, Surroundings
from conference.assets import built_folder
from conference.clock import SystemClock
from conference.demo import demo_clock, demo_settings, forget_demo, load_demo
from conference.errors import N_, MajlisError, Unavailable
from conference.media.worker.draining import renew
from conference.media_plane import media_supervisor
from conference.people.invitations import Invited, invite
from conference.people.permissions import Role
from conference.running import serve
from conference.schema import metadata
from conference.serving.built import BuiltFiles
from conference.serving.listening import taken_port
from conference.serving.logs import set_up_logging
from conference.settings import Settings, load_settings, on_port
from conference.storage.backup import backup_database, database_problems
from conference.storage.database import Database, Transaction
from conference.storage.migrate import migrate, newest_revision, revision_of

Command = Callable[[Settings, argparse.Namespace], Coroutine[Any, Any, int]]

try:
    from uvloop import new_event_loop as _new_loop

    new_loop: Callable[[], asyncio.AbstractEventLoop] = _new_loop
except ImportError:  # not on this platform: the standard loop does the same, slower
    new_loop = asyncio.new_event_loop


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    options = build_parser().parse_args(arguments)
    try:
        settings = load_settings(options.config, _overrides(options))
        set_up_logging(settings.log)
        command: Command = options.run
        with asyncio.Runner(loop_factory=new_loop) as runner:
            return runner.run(command(settings, options))
    except MajlisError as error:
        print(f"majlis: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def build_parser() -> argparse.ArgumentParser:
    """The whole command line; docs/command-line.md describes it and a test compares the two."""
    parser = argparse.ArgumentParser(
        prog="majlis", description="A virtual conference platform for medical education."
    )
    parser.add_argument("--version", action="version", version=f"majlis {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = _command(commands, "serve", _serve, "run the server")
    _add_address(serve)
    _add_workers(serve)

    media = commands.add_parser("media", help="run the media workers apart from the server, or renew them")
    doing = media.add_subparsers(required=True, metavar="COMMAND")
    _add_workers(_command(doing, "run", _media_run, "run the media workers for servers that come and go"))
    drain = _command(doing, "drain", _media_drain, "renew the media workers one after another")
    drain.add_argument(
        "--limit", type=float, default=1800.0, metavar="SECONDS", help="how long a worker may keep its rooms"
    )

    demo = _command(commands, "demo", _demo, "run the demo conference with personal links for five people")
    _add_address(demo)
    _add_workers(demo)
    demo.add_argument("--open", action="store_true", help="open the first link in the browser")
    demo.add_argument("--reset", action="store_true", help="forget everything done in the demo")

    _command(commands, "migrate", _migrate, "bring the database to the newest schema")
    _command(commands, "check", _check, "verify the database and the files pages need")
    backup = _command(commands, "backup", _backup, "copy the database consistently while the server runs")
    backup.add_argument("file", type=Path, metavar="FILE", help="where the copy goes")

    making = _command(commands, "event", _event, "make an event and its organizer; print their personal link")
    making_command.add_arguments(making)

    invite = _command(commands, "invite", _invite, "give a person a role and print their personal link")
    invite.add_argument("event", metavar="EVENT", help="the event's slug")
    invite.add_argument("email", metavar="EMAIL")
    invite.add_argument("--role", default="attendee", choices=["organizer", "chair", "speaker", "attendee"])
    invite.add_argument("--name", default="", help="the name others see")

    schedule = commands.add_parser("schedule", help="import, export, compare or release a programme")
    added = schedule_commands.add_arguments(schedule.add_subparsers(required=True, metavar="COMMAND"))
    for parser_of_one, run in added.items():
        _add_settings(parser_of_one, partial(_schedule, run))
    return parser


def _command(commands: Any, name: str, run: Command, description: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=description, description=f"{description.capitalize()}."
    )
    _add_settings(parser, run)
    return parser


def _add_settings(parser: argparse.ArgumentParser, run: Command) -> None:
    parser.set_defaults(run=run)
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings that differ from the defaults")
    parser.add_argument("--data", metavar="DIR", help="folder of the database and files (storage.folder)")


def _add_address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="address to listen on (server.host)")
    parser.add_argument("--port", type=int, help="port to listen on (server.port)")


def _add_workers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--media-workers",
        type=int,
        metavar="N",
        help="processes for sound and picture; 0: in the server's own (media.workers)",
    )


def _overrides(options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    given: dict[str, dict[str, Any]] = {}
    for section, setting, option in (
        ("server", "host", "host"),
        ("server", "port", "port"),
        ("storage", "folder", "data"),
        ("media", "workers", "media_workers"),
    ):
        value = getattr(options, option, None)
        if value is not None:
            given.setdefault(section, {})[setting] = value
    return given


async def _serve(settings: Settings, options: argparse.Namespace) -> int:
    with taken_port(settings.server.host, settings.server.port) as bound:
        settings = on_port(settings, bound.getsockname()[1])
        address = settings.public_url
        async with opened(settings) as database:
            ready = partial(_say, f"Majlis serves {address}")
            await serve(settings, SystemClock(), database, bound, ready)
    return 0


async def _demo(settings: Settings, options: argparse.Namespace) -> int:
    with taken_port(settings.server.host, settings.server.port) as bound:
        settings = demo_settings(on_port(settings, bound.getsockname()[1]), chosen_folder=options.data)
        if options.reset:
            forget_demo(settings.folder)
        clock = demo_clock(settings.folder, SystemClock())
        async with opened(settings) as database:
            people = await load_demo(database, settings.folder, clock)
            links = {person.label: f"{settings.public_url}/join/{person.token}" for person in people}
            ready = partial(_show_demo, settings, links, options.open)
            await serve(settings, clock, database, bound, ready, keep_workers=False)
    return 0


async def _media_run(settings: Settings, options: argparse.Namespace) -> int:
    supervisor = media_supervisor(settings)
    await supervisor.start()
    if supervisor.elsewhere:
        raise Unavailable(
            N_("The media workers of this folder are already looked after by another process."),
            code="media.supervised",
        )
    _say(f"{len(supervisor.sockets)} media workers, from port {settings.media.port}")
    stopping = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    try:
        await stopping.wait()
    finally:
        await supervisor.end_workers()
        await supervisor.close()
    return 0


async def _media_drain(settings: Settings, options: argparse.Namespace) -> int:
    renewed = 0
    for index, path in enumerate(media_supervisor(settings).sockets):
        _say(f"Worker {index} takes no new rooms …")
        if await renew(path, options.limit):
            renewed += 1
        else:
            _say(f"Worker {index} does not answer.")
    _say(f"{renewed} workers were renewed.")
    return 0 if renewed else 1


def _show_demo(settings: Settings, links: dict[str, str], open_one: bool) -> None:
    _say(f"\nThe demo conference is at {settings.public_url}")
    _say("Open a link for each person, in a browser window or profile of its own:\n")
    for label, link in links.items():
        _say(f"  {label:<11} {link}")
    _say("\nIts clock shows the first morning of the conference. Ctrl-C stops the server; the data is kept.")
    if open_one:
        webbrowser.open(next(iter(links.values())))


async def _schedule(run: Run, settings: Settings, options: argparse.Namespace) -> int:
    around = Surroundings(SystemClock(), settings.public_url, settings.mail.sender)
    async with opened(settings) as database:
        return await run(database, options, around)


async def _migrate(settings: Settings, options: argparse.Namespace) -> int:
    async with opened(settings) as database:
        _say(f"The database is at revision {await database.read(revision_of)}.")
    return 0


async def _backup(settings: Settings, options: argparse.Namespace) -> int:
    size = await asyncio.to_thread(backup_database, _database_file(settings), options.file)
    _say(f"Wrote {options.file}, {size:,} bytes.")
    return 0


async def _check(settings: Settings, options: argparse.Namespace) -> int:
    problems = await asyncio.to_thread(database_problems, _database_file(settings))
    if not problems:
        database = Database(settings.database_url, readers=1)
        await database.open()
        try:
            revision = await database.read(revision_of)
        finally:
            await database.close()
        if revision != newest_revision():
            needed = newest_revision()
            problems = [
                f"the schema is at revision {revision}, this version needs {needed}: run majlis migrate"
            ]
    problems += BuiltFiles(built_folder()).problems()
    for problem in problems:
        print(f"majlis: {problem}", file=sys.stderr)
    if not problems:
        _say("The database and the files are sound.")
    return 1 if problems else 0


async def _event(settings: Settings, options: argparse.Namespace) -> int:
    async with opened(settings) as database:
        return await making_command.run_event(
            database, options, clock=SystemClock(), site=settings.public_url
        )


async def _invite(settings: Settings, options: argparse.Namespace) -> int:
    def work(tx: Transaction) -> Invited:
        return invite(
            tx,
            event_by_slug(tx.connection, options.event),
            options.email,
            Role(options.role),
            name=options.name,
            public_url=settings.public_url,
            now=SystemClock().now(),
        )

    async with opened(settings) as database:
        invited = await database.write(work)
    _say(invited.link)
    return 0


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The database, at the newest schema."""
    database = Database(settings.database_url, readers=settings.storage.readers, batch=settings.storage.batch)
    await database.open()
    try:
        await database.write(lambda tx: migrate(tx, metadata))
        yield database
    finally:
        await database.close()


def _database_file(settings: Settings) -> Path:
    database = Database(settings.database_url)
    if not database.is_sqlite or not database.url.database:
        raise Unavailable(
            N_("This works with SQLite only; use the tools of your database server."),
            code="storage.not-sqlite",
        )
    return Path(database.url.database)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
