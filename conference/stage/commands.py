"""The live commands of the room, each with the capability it demands in the session's scope."""

from __future__ import annotations

from conference.live.commands import LiveCommand
from conference.people.permissions import Capability
from conference.stage import messages as m
from conference.stage.live import StageDesk
from conference.stage.media_live import MediaDesk
from conference.stage.recording import RecordingDesk


def recording_commands(desk: RecordingDesk) -> list[LiveCommand]:
    """For the list in `app.py`. Not durable: an hour on, nobody wants a recording to begin."""
    return [
        LiveCommand(m.StartRecording, desk.begin, Capability.RECORD, durable=False),
        LiveCommand(m.StopRecording, desk.stop, Capability.RECORD, durable=False),
    ]


def stage_commands(desk: StageDesk, media: MediaDesk) -> list[LiveCommand]:
    """For the list in `app.py`."""
    hand, room, moderate = Capability.RAISE_HAND, Capability.ENTER_ROOM, Capability.MODERATE
    return [
        LiveCommand(m.RaiseHand, desk.raise_hand, hand),
        LiveCommand(m.LowerHand, desk.lower_hand, hand),
        # An invited attendee may accept; whether there was an invitation is the floor's rule.
        LiveCommand(m.TakeFloor, desk.take_floor, hand),
        LiveCommand(m.DeclineFloor, desk.decline_floor, hand),
        LiveCommand(m.LeaveFloor, desk.leave_floor, hand),
        LiveCommand(m.InviteToFloor, desk.invite, moderate),
        LiveCommand(m.SendToAudience, desk.send_to_audience, moderate),
        LiveCommand(m.StopSource, desk.stop_source, moderate),
        LiveCommand(m.AllowSource, desk.allow_source, moderate),
        LiveCommand(m.RemovePerson, desk.remove_person, moderate),
        LiveCommand(m.ReadmitPerson, desk.readmit_person, moderate),
        LiveCommand(m.OpenRoom, desk.open_room, moderate),
        LiveCommand(m.CloseRoom, desk.close_room, moderate),
        LiveCommand(m.LeaveRoom, desk.leave_room, room, durable=False),
        LiveCommand(m.ListPeople, desk.list_people, room, durable=False),
        LiveCommand(m.ResumeTab, media.resume, room, durable=False),
        LiveCommand(m.ShowSources, media.show_sources, room, durable=False),
        LiveCommand(m.ChooseViewing, media.choose_viewing, room, durable=False),
        LiveCommand(m.ShowTiles, media.show_tiles, room, durable=False),
        LiveCommand(m.PublishMedia, media.publish, room, durable=False),
        LiveCommand(m.StopPublishing, media.stop_publishing, room, durable=False),
        LiveCommand(m.SubscribeMedia, media.subscribe, room, durable=False),
        LiveCommand(m.AnswerMedia, media.answer, room, durable=False),
        LiveCommand(m.RestartMedia, media.restart, room, durable=False),
    ]
