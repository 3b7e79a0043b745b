"""Who is in a room right now, tab by tab. In memory and without I/O: a restart rebuilds it from who enters.

Where several server processes serve the room, each has its own people here and knows of those at the others
(`Presence.beside`): everybody is told of all of them.

A tab whose link dropped keeps its sound and picture for `TAB_KEPT` (they travel on their own path and
often survive), a person keeps floor and hand for `FLOOR_KEPT` after their last tab was heard of: a
power cut in the middle of a talk must not cost the place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from conference.media.engine import Viewing
from conference.people.permissions import Role
from conference.stage.floor import Floor, Source, may_publish
from conference.stage.messages import ParticipantHere, PersonHere, PresenceChanged
from conference.stage.standing import Standing

TAB_KEPT = timedelta(seconds=45)
FLOOR_KEPT = timedelta(minutes=3)


class Tab(msgspec.Struct):
    """One tab. `participant` names it for its whole life, `connection_id` its present live connection;
    `lost_at` is when that dropped, `sends` what the tab says it sends, `viewing` what it wants to get,
    `since` when it came in."""

    participant: str
    connection_id: str
    lost_at: datetime | None = None
    sends: frozenset[Source] = frozenset()
    viewing: Viewing = Viewing()
    since: datetime | None = None


class Present(msgspec.Struct):
    """One person with all their tabs."""

    account_id: int
    public_id: str
    name: str
    role: Role
    country: str = ""  # as shared
    state: Floor = Floor.AUDIENCE
    stopped: frozenset[Source] = frozenset()
    tabs: dict[str, Tab] = msgspec.field(default_factory=dict)
    lost_at: datetime | None = None

    @property
    def shown_to_all(self) -> bool:
        """Presenters, the stage and the queue are followed by everybody; the audience is a number."""
        return self.role is not Role.ATTENDEE or self.state is not Floor.AUDIENCE

    def joined(self, other: Present) -> Present:
        """The same person, with their tabs at another process as well."""
        both = self.lost_at is not None and other.lost_at is not None
        return msgspec.structs.replace(
            self, tabs={**other.tabs, **self.tabs}, lost_at=self.lost_at if both else None
        )

    def described(self) -> PersonHere:
        return PersonHere(
            person=self.public_id,
            name=self.name,
            role=self.role.value,
            away=self.lost_at is not None,
            country=self.country,
            participants=[
                ParticipantHere(
                    participant=tab.participant,
                    microphone=Source.MICROPHONE in tab.sends,
                    camera=Source.CAMERA in tab.sends,
                    screen=Source.SCREEN in tab.sends,
                )
                for tab in self.tabs.values()
                if may_publish(self.state)
            ],
        )


class Presence:
    """The people in one room. Every change is remembered until `changes` hands it out."""

    def __init__(self) -> None:
        self._people: dict[int, Present] = {}
        self._account_of: dict[str, int] = {}  # by participant
        self._participant_of: dict[str, str] = {}  # by live connection
        self._told: dict[str, PersonHere] = {}
        self._told_here = 0
        self.beside: Mapping[int, Present] = {}  # at other processes, by account

    # -- coming and going -----------------------------------------------------------------------

    def enter(self, connection_id: str, person: Present, at: datetime | None = None) -> None:
        """A new tab of *person* came in *at* this moment; who they are is taken from *person* anew."""
        known = self._people.setdefault(person.account_id, person)
        known.name, known.role, known.country = person.name, person.role, person.country
        known.state, known.stopped = person.state, person.stopped
        known.lost_at = None
        # The same connection enters again when rights have changed: what it sends and wants stays.
        known.tabs.setdefault(connection_id, Tab(connection_id, connection_id, since=at)).lost_at = None
        self._account_of[connection_id] = person.account_id
        self._participant_of[connection_id] = connection_id

    def resume(self, connection_id: str, participant: str) -> bool:
        """The new connection is an older tab come back: it goes on as *participant*, with its media.

        Only for the same account; the older connection need not be known as lost yet, because a browser
        often notices a dead link before the server does.
        """
        fresh = self._participant_of.get(connection_id)
        account_id = self._account_of.get(participant)
        if fresh is None or account_id is None or account_id != self._account_of.get(fresh):
            return False
        if fresh == participant:
            return True
        person = self._people[account_id]
        tab = person.tabs[participant]
        self._participant_of.pop(tab.connection_id, None)
        tab.connection_id, tab.lost_at = connection_id, None
        self._participant_of[connection_id] = participant
        del person.tabs[fresh], self._account_of[fresh]
        return True

    def adopt(
        self,
        person: Present,
        participant: str,
        sends: Iterable[Source],
        viewing: Viewing,
        now: datetime,
    ) -> None:
        """A tab whose media an earlier server left behind; its link is down until it says that it is back."""
        known = self._people.setdefault(person.account_id, person)
        known.tabs[participant] = Tab(participant, participant, now, frozenset(sends), viewing, now)
        known.lost_at = now
        self._account_of[participant] = person.account_id

    def lose(self, connection_id: str, now: datetime) -> None:
        """A live connection dropped; its tab may come back."""
        participant = self._participant_of.pop(connection_id, None)
        person = self._person_of(participant)
        if participant is None or person is None:
            return
        person.tabs[participant].lost_at = now
        if all(tab.lost_at is not None for tab in person.tabs.values()):
            person.lost_at = now

    def forget(self, participant: str, now: datetime) -> None:
        """The tab is gone for good; with the last one goes a person who holds no place to be kept."""
        person = self._person_of(participant)
        if person is None:
            return
        tab = person.tabs.pop(participant)
        del self._account_of[participant]
        self._participant_of.pop(tab.connection_id, None)
        if not person.tabs:
            person.lost_at = person.lost_at or tab.lost_at or now
            if person.state is Floor.AUDIENCE:
                self.forget_person(person.account_id)
        elif all(tab.lost_at is not None for tab in person.tabs.values()):
            person.lost_at = person.lost_at or now

    def forget_person(self, account_id: int) -> None:
        person = self._people.pop(account_id, None)
        for tab in person.tabs.values() if person else ():
            self._account_of.pop(tab.participant, None)
            self._participant_of.pop(tab.connection_id, None)

    def lost_tabs(self, now: datetime) -> list[str]:
        """Tabs that have been silent longer than they are kept."""
        return [
            tab.participant
            for person in self._people.values()
            for tab in person.tabs.values()
            if tab.lost_at is not None and now - tab.lost_at >= TAB_KEPT
        ]

    def lost_people(self, now: datetime) -> list[int]:
        """Accounts away longer than their place is kept."""
        return [
            person.account_id
            for person in self._people.values()
            if person.lost_at is not None and not person.tabs and now - person.lost_at >= FLOOR_KEPT
        ]

    # -- what they may and do --------------------------------------------------------------------

    def stand(self, standing: Standing) -> None:
        """Take over where a person stands now (after the commit)."""
        person = self._people.get(standing.account_id)
        if person is None:
            return
        person.state, person.stopped = standing.state, standing.stopped
        if not may_publish(standing.state):
            for tab in person.tabs.values():
                tab.sends = frozenset()
        if not person.tabs and person.state is Floor.AUDIENCE:
            self.forget_person(person.account_id)  # nothing is left to keep a place for

    def clear_stage(self) -> None:
        """Nobody may send any more."""
        for person in self._people.values():
            if person.state is not Floor.REMOVED:
                person.state = Floor.AUDIENCE
            for tab in person.tabs.values():
                tab.sends = frozenset()

    def show(self, connection_id: str, sends: Iterable[Source]) -> None:
        """Remember what a tab says it sends; said by somebody off stage it counts for nothing."""
        participant = self._participant_of.get(connection_id)
        person = self._person_of(participant)
        if participant is not None and person is not None and may_publish(person.state):
            person.tabs[participant].sends = frozenset(sends)

    def may_send(self, participant: str) -> bool:
        """Whether what the tab sends may reach anybody. What a moderator stopped is muted in the engine."""
        person = self._person_of(participant)
        return person is not None and may_publish(person.state)

    def view(self, participant: str, viewing: Viewing) -> None:
        """Remember what the tab wants to get."""
        person = self._person_of(participant)
        if person is not None:
            person.tabs[participant].viewing = viewing

    def viewing_of(self, participant: str) -> Viewing:
        person = self._person_of(participant)
        return person.tabs[participant].viewing if person is not None else Viewing()

    def participant_of(self, connection_id: str) -> str | None:
        return self._participant_of.get(connection_id)

    def connection_of(self, participant: str) -> str | None:
        """Where to reach the tab now; None while its link is down."""
        person = self._person_of(participant)
        tab = person.tabs[participant] if person else None
        return tab.connection_id if tab and tab.lost_at is None else None

    def account_of(self, participant: str) -> int | None:
        return self._account_of.get(participant)

    def participants_of(self, account_id: int) -> list[str]:
        person = self._people.get(account_id)
        return list(person.tabs) if person else []

    def tabs(self) -> list[tuple[Present, Tab]]:
        """Every tab with its person."""
        return [(person, tab) for person in self._people.values() for tab in person.tabs.values()]

    @property
    def is_empty(self) -> bool:
        """Nobody is at this process, that is."""
        return not self._people

    def own(self) -> list[Present]:
        """The people at this process."""
        return list(self._people.values())

    def all(self) -> list[Present]:
        """The people at every process, each once."""
        if not self.beside:
            return self.own()
        joined = [
            person.joined(self.beside[account_id]) if account_id in self.beside else person
            for account_id, person in self._people.items()
        ]
        return joined + [
            person for account_id, person in self.beside.items() if account_id not in self._people
        ]

    def is_beside(self, account_id: int) -> bool:
        """Whether a person is in this room at another process, with a link that is up."""
        person = self.beside.get(account_id)
        return person is not None and person.lost_at is None

    @property
    def here(self) -> int:
        """People with at least one tab whose link is up."""
        return sum(1 for person in self.all() if person.lost_at is None)

    def stands_as(self, account_id: int) -> tuple[Floor, frozenset[Source]] | None:
        """Where a person of this process stands as far as is known here."""
        person = self._people.get(account_id)
        return (person.state, person.stopped) if person else None

    # -- telling ----------------------------------------------------------------------------------

    def everybody(self) -> list[Present]:
        """For whoever opens the list of people: by name, presenters first."""
        return sorted(
            self.all(),
            key=lambda person: (person.role is Role.ATTENDEE, person.name.casefold()),
        )

    def accounts_here(self) -> set[int]:
        """Of the people at this process with at least one tab whose link is up."""
        return {person.account_id for person in self._people.values() if person.lost_at is None}

    def shown(self) -> list[PersonHere]:
        """Those whom everybody's page shows, for a snapshot."""
        return [person.described() for person in self.all() if person.shown_to_all]

    def changes(self) -> PresenceChanged | None:
        """What is different since the last call, None when nothing is."""
        shown = {person.person: person for person in self.shown()}
        changed = [person for public_id, person in shown.items() if self._told.get(public_id) != person]
        gone = [public_id for public_id in self._told if public_id not in shown]
        if not changed and not gone and self.here == self._told_here:
            return None
        self._told, self._told_here = shown, self.here
        return PresenceChanged(here=self.here, changed=changed, gone=gone)

    def _person_of(self, participant: str | None) -> Present | None:
        account_id = self._account_of.get(participant) if participant is not None else None
        return None if account_id is None else self._people.get(account_id)
