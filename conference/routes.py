"""Every route of the product on one screen, with the capability it demands; `app` adds its own objects' ones.

Nothing is built here, and nothing here decides anything.
"""

from __future__ import annotations

from conference.agenda import (
    calendar_pages,
    clash_pages,
    embed_pages,
    planner_pages,
    sign_up_pages,
)
from conference.agenda import export_pages as agenda_exports
from conference.agenda import organizer_pages as agenda_organizing
from conference.agenda import pages as agenda
from conference.agenda.api.operations import routes as api_routes
from conference.agenda.organizing import closure_pages as closures
from conference.agenda.organizing import event_pages as event_settings
from conference.agenda.organizing import hours_pages, session_acts, session_pages
from conference.agenda.organizing import import_pages as imports
from conference.agenda.organizing import list_pages as lists
from conference.agenda.organizing import making_pages as making
from conference.agenda.organizing import people_pages as programme_people
from conference.agenda.releasing import change_pages, release_pages
from conference.chat import organizer_pages as live_defaults
from conference.chat import pages as chat
from conference.people import account_pages, notification_pages, organizer_pages, outbox_pages, token_pages
from conference.people import pages as people
from conference.people.permissions import Capability
from conference.polls import pages as polls
from conference.questions import asking_form
from conference.questions import pages as questions
from conference.serving.preferences import choose_language, choose_theme, choose_zone
from conference.serving.routing import Route
from conference.serving.static import asset
from conference.stage import (
    checking_pages,
    connections_pages,
    ingest_pages,
    recording_pages,
    view_pages,
    whip,
)
from conference.stage import pages as stage

C = Capability

ROUTES = [
    *api_routes(),  # /api/…: conference/agenda/api/operations.py
    Route("GET", "/", agenda.start, C.ANYONE),
    Route("POST", "/language", choose_language, C.ANYONE),
    Route("POST", "/zone", choose_zone, C.ANYONE),
    Route("POST", "/theme", choose_theme, C.ANYONE),
    Route("GET", "/assets/{file:.+}", asset, C.ANYONE),
    Route("GET", "/sign-in", people.sign_in_page, C.ANYONE),
    Route("POST", "/sign-in", people.request_link, C.ANYONE),
    Route("GET", "/sign-in/{token}", people.magic_link_page, C.ANYONE),
    Route("POST", "/sign-in/{token}", people.open_magic_link, C.ANYONE),
    Route("GET", "/join/{token}", people.personal_link_page, C.ANYONE),
    Route("POST", "/join/{token}", people.open_personal_link, C.ANYONE),
    Route("POST", "/sign-out", people.sign_out, C.ANYONE),
    Route("GET", "/me", account_pages.account_page, C.SIGNED_IN),
    Route("POST", "/me", account_pages.change_account, C.SIGNED_IN),
    Route("GET", "/me/tokens", token_pages.tokens_page, C.SIGNED_IN),
    Route("POST", "/me/tokens", token_pages.make, C.SIGNED_IN),
    Route("POST", "/me/tokens/revoke", token_pages.revoke, C.SIGNED_IN),
    Route("POST", "/me/sessions/end", account_pages.end_one_session, C.SIGNED_IN),
    Route("POST", "/me/sessions/end-all", account_pages.sign_out_everywhere, C.SIGNED_IN),
    Route("GET", "/events", making.events_page, C.SIGNED_IN),
    Route("GET", "/events/new", making.new_event_page, C.MAKE_EVENT),
    Route("POST", "/events/new", making.make_event, C.MAKE_EVENT),
    Route("GET", "/{event}/", agenda.event_home, C.SEE_EVENT),
    Route("GET", "/{event}/schedule", agenda.schedule, C.SEE_EVENT),
    Route("GET", "/{event}/schedule/now", agenda.schedule_now, C.SEE_EVENT),
    Route("GET", "/{event}/schedule/state", change_pages.schedule_state, C.SEE_EVENT),
    Route("GET", "/{event}/schedule/changes", change_pages.changes, C.SEE_EVENT),
    Route("GET", "/{event}/schedule/feed.xml", change_pages.feed, C.SEE_EVENT),
    Route("GET", "/{event}/schedule/v/{version}/", change_pages.old_release, C.SEE_EVENT),
    Route("GET", "/{event}/schedule/mine", agenda.schedule_mine, C.SEE_EVENT),
    Route("POST", "/{event}/schedule/mine/calendar", calendar_pages.make, C.STAR),
    Route("POST", "/{event}/schedule/mine/calendar/revoke", calendar_pages.revoke, C.STAR),
    Route("GET", "/calendar/{key}.ics", calendar_pages.personal_ics, C.ANYONE),
    Route("GET", "/{event}/schedule/export/schedule.{format}", agenda_exports.export, C.SEE_EVENT),
    Route(
        "GET", "/{event}/schedule/v/{version}/export/schedule.{format}", agenda_exports.export, C.SEE_EVENT
    ),
    Route("GET", "/{event}/schedule/embed", embed_pages.embed, C.SEE_EVENT),
    Route("GET", "/{event}/schedule/embed.js", embed_pages.embed_script, C.SEE_EVENT),
    Route("GET", "/{event}/schedule.ics", agenda_exports.schedule_ics, C.SEE_EVENT),
    Route("GET", "/{event}/schedule/programme.pdf", agenda_exports.programme_pdf, C.SEE_EVENT),
    Route("GET", "/{event}/schedule/offline.zip", agenda_exports.offline_zip, C.SEE_EVENT),
    Route("GET", "/{event}/session/{session}.ics", agenda_exports.session_ics, C.SEE_EVENT),
    Route("GET", "/{event}/session/{session}", agenda.session_page, C.SEE_EVENT),
    Route("POST", "/{event}/session/{session}/star", agenda.star, C.STAR),
    Route("POST", "/{event}/session/{session}/sign-up", sign_up_pages.sign_up, C.ENTER_ROOM),
    Route("POST", "/{event}/session/{session}/questions", asking_form.ask_by_form, C.ASK),
    Route("GET", "/{event}/session/{session}/questions.json", questions.questions_now, C.ENTER_ROOM),
    Route("GET", "/{event}/session/{session}/questions/export.{form:csv|json}", questions.export, C.MODERATE),
    Route("GET", "/{event}/session/{session}/polls", polls.polls_page, C.MODERATE),
    Route("POST", "/{event}/session/{session}/polls", polls.make, C.MODERATE),
    Route(
        "GET",
        r"/{event}/session/{session}/polls/{file:export\.csv|export\.json|answers\.csv}",
        polls.export,
        C.MODERATE,
    ),
    Route("GET", "/{event}/session/{session}/polls/{poll}", polls.draft_page, C.MODERATE),
    Route("POST", "/{event}/session/{session}/polls/{poll}", polls.save, C.MODERATE),
    Route(
        "POST",
        "/{event}/session/{session}/polls/{poll}/{act:open|close|show|hide|withdraw|copy|up|down|delete}",
        polls.act,
        C.MODERATE,
    ),
    Route("GET", "/{event}/session/{session}/room", stage.room_page, C.SEE_EVENT),
    Route("GET", "/{event}/session/{session}/room/state", stage.door_state, C.SEE_EVENT),
    Route("GET", "/{event}/session/{session}/projector", view_pages.projector_page, C.SEE_EVENT),
    Route("GET", "/{event}/session/{session}/speaker", view_pages.speaker_page, C.SEE_EVENT),
    Route("GET", "/{event}/session/{session}/room/check/bytes", checking_pages.send_bytes, C.SEE_EVENT),
    Route("POST", "/{event}/session/{session}/room/check/bytes", checking_pages.take_bytes, C.SEE_EVENT),
    Route("POST", "/{event}/session/{session}/room/check/begin", checking_pages.begin, C.SEE_EVENT),
    Route("POST", "/{event}/session/{session}/room/check/publish", checking_pages.publish, C.SEE_EVENT),
    Route("POST", "/{event}/session/{session}/room/check/subscribe", checking_pages.subscribe, C.SEE_EVENT),
    Route("POST", "/{event}/session/{session}/room/check/answer", checking_pages.answer, C.SEE_EVENT),
    Route("POST", "/{event}/session/{session}/room/check/result", checking_pages.result, C.SEE_EVENT),
    Route("POST", "/{event}/session/{session}/whip", whip.publish, C.ANYONE, bearer=True),
    Route("OPTIONS", "/{event}/session/{session}/whip", whip.endpoint_options, C.ANYONE, bearer=True),
    Route("PATCH", "/{event}/session/{session}/whip/{resource}", whip.patch, C.ANYONE, bearer=True),
    Route("DELETE", "/{event}/session/{session}/whip/{resource}", whip.hang_up, C.ANYONE, bearer=True),
    Route(
        "OPTIONS", "/{event}/session/{session}/whip/{resource}", whip.session_options, C.ANYONE, bearer=True
    ),
    Route("POST", "/{event}/session/{session}/whep", whip.play, C.ANYONE, bearer=True),
    Route("OPTIONS", "/{event}/session/{session}/whep", whip.endpoint_options, C.ANYONE, bearer=True),
    Route("PATCH", "/{event}/session/{session}/whep/{resource}", whip.patch, C.ANYONE, bearer=True),
    Route("DELETE", "/{event}/session/{session}/whep/{resource}", whip.hang_up, C.ANYONE, bearer=True),
    Route(
        "OPTIONS", "/{event}/session/{session}/whep/{resource}", whip.session_options, C.ANYONE, bearer=True
    ),
    Route("GET", "/{event}/session/{session}/chat/export.{format}", chat.export, C.MODERATE),
    Route("GET", "/{event}/notifications", notification_pages.notifications_page, C.SIGNED_IN),
    Route("GET", "/{event}/notifications/new", notification_pages.new_notifications, C.SIGNED_IN),
    Route("POST", "/{event}/notifications/read", notification_pages.read_notifications, C.SIGNED_IN),
    Route("GET", "/{event}/speakers", agenda.speakers, C.SEE_EVENT),
    Route("GET", "/{event}/speaker/{person}.ics", agenda_exports.speaker_ics, C.SEE_EVENT),
    Route("GET", "/{event}/speaker/{person}", agenda.speaker, C.SEE_EVENT),
    Route("GET", "/{event}/register", people.register_page, C.SEE_EVENT),
    Route("POST", "/{event}/register", people.register, C.SEE_EVENT),
    Route("GET", "/{event}/organize/", agenda_organizing.organize, C.ORGANIZE),
    Route("GET", "/{event}/organize/planner", planner_pages.planner, C.ORGANIZE),
    Route("GET", "/{event}/logo/{logo}", event_settings.logo, C.SEE_EVENT),
    Route("GET", "/{event}/organize/settings", event_settings.settings_page, C.ORGANIZE),
    Route("POST", "/{event}/organize/settings", event_settings.save_settings, C.ORGANIZE),
    Route("POST", "/{event}/organize/logo", event_settings.save_logo, C.ORGANIZE, takes_files=True),
    Route("GET", "/{event}/organize/clone", making.clone_page, C.ORGANIZE),
    Route("POST", "/{event}/organize/clone", making.clone, C.ORGANIZE),
    Route("GET", "/{event}/organize/hours", hours_pages.hours_page, C.ORGANIZE),
    Route("POST", "/{event}/organize/hours", hours_pages.save_hours, C.ORGANIZE),
    Route("GET", "/{event}/organize/closures", closures.closures_page, C.ORGANIZE),
    Route("POST", "/{event}/organize/closures", closures.add, C.ORGANIZE),
    Route("GET", r"/{event}/organize/closures/{closure:\d{1,9}}", closures.closure_page, C.ORGANIZE),
    Route("POST", r"/{event}/organize/closures/{closure:\d{1,9}}", closures.change, C.ORGANIZE),
    Route("POST", r"/{event}/organize/closures/{closure:\d{1,9}}/delete", closures.remove, C.ORGANIZE),
    Route("GET", "/{event}/organize/import", imports.import_page, C.ORGANIZE),
    Route("POST", "/{event}/organize/import", imports.upload, C.ORGANIZE, takes_files=True),
    Route("GET", "/{event}/organize/import/template/{template}", imports.template, C.ORGANIZE),
    Route("GET", "/{event}/organize/import/{upload}", imports.preview_page, C.ORGANIZE),
    Route("POST", "/{event}/organize/import/{upload}", imports.apply, C.ORGANIZE),
    Route("GET", "/{event}/organize/sessions", session_pages.list_page, C.ORGANIZE),
    Route("GET", "/{event}/organize/sessions/new", session_pages.new_page, C.ORGANIZE),
    Route("POST", "/{event}/organize/sessions/new", session_pages.create, C.ORGANIZE),
    Route("GET", "/{event}/organize/sessions/{session}", session_pages.session_page, C.ORGANIZE),
    Route("POST", "/{event}/organize/sessions/{session}", session_pages.save, C.ORGANIZE),
    Route("POST", "/{event}/organize/sessions/{session}/do/{act}", session_acts.do, C.ORGANIZE),
    Route("GET", "/{event}/organize/speakers", programme_people.list_page, C.ORGANIZE),
    Route("GET", "/{event}/organize/speakers/new", programme_people.new_page, C.ORGANIZE),
    Route("POST", "/{event}/organize/speakers/new", programme_people.add, C.ORGANIZE),
    Route("GET", "/{event}/organize/speakers/{speaker}", programme_people.person_page, C.ORGANIZE),
    Route("POST", "/{event}/organize/speakers/{speaker}", programme_people.change, C.ORGANIZE),
    Route("POST", "/{event}/organize/speakers/{speaker}/delete", programme_people.remove, C.ORGANIZE),
    Route("GET", "/{event}/organize/{list:rooms|tracks|types}", lists.list_page, C.ORGANIZE),
    Route("POST", "/{event}/organize/{list:rooms|tracks|types}", lists.add, C.ORGANIZE),
    Route("GET", "/{event}/organize/{list:rooms|tracks|types}/{entry}", lists.entry_page, C.ORGANIZE),
    Route("POST", "/{event}/organize/{list:rooms|tracks|types}/{entry}", lists.change, C.ORGANIZE),
    Route("POST", "/{event}/organize/{list:rooms|tracks|types}/{entry}/move", lists.reorder, C.ORGANIZE),
    Route("POST", "/{event}/organize/{list:rooms|tracks|types}/{entry}/delete", lists.remove, C.ORGANIZE),
    Route("GET", "/{event}/organize/clashes", clash_pages.clashes_page, C.ORGANIZE),
    Route("POST", "/{event}/organize/clashes/undo", clash_pages.undo, C.ORGANIZE),
    Route("GET", "/{event}/organize/clashes/{found}", clash_pages.clash_page, C.ORGANIZE),
    Route("POST", "/{event}/organize/clashes/{found}", clash_pages.apply, C.ORGANIZE),
    Route("GET", "/{event}/organize/people", organizer_pages.people_page, C.ORGANIZE),
    Route("POST", "/{event}/organize/people", organizer_pages.invite_person, C.ORGANIZE),
    Route("GET", "/{event}/organize/people/{person}", organizer_pages.person_page, C.ORGANIZE),
    Route("POST", "/{event}/organize/people/{person}/grant", organizer_pages.give_role, C.ORGANIZE),
    Route("POST", "/{event}/organize/people/{person}/revoke", organizer_pages.take_role, C.ORGANIZE),
    Route("POST", "/{event}/organize/people/{person}/link", organizer_pages.make_link, C.ORGANIZE),
    Route("POST", "/{event}/organize/people/{person}/take-links", organizer_pages.take_links, C.ORGANIZE),
    Route("POST", "/{event}/organize/people/{person}/ban", organizer_pages.ban, C.ORGANIZE),
    Route("POST", "/{event}/organize/people/{person}/unban", organizer_pages.unban, C.ORGANIZE),
    Route("GET", "/{event}/organize/live", live_defaults.live_page, C.ORGANIZE),
    Route("POST", "/{event}/organize/live", live_defaults.save, C.ORGANIZE),
    Route("POST", "/{event}/organize/live/announcements", live_defaults.make_announcement, C.ORGANIZE),
    Route(
        "POST",
        "/{event}/organize/live/announcements/{announcement}/withdraw",
        live_defaults.withdraw_announcement,
        C.ORGANIZE,
    ),
    Route("GET", "/{event}/organize/machines", ingest_pages.sessions_page, C.ORGANIZE),
    Route("GET", "/{event}/organize/machines/{session}", ingest_pages.keys_page, C.ORGANIZE),
    Route("POST", "/{event}/organize/machines/{session}", ingest_pages.make, C.ORGANIZE),
    Route("POST", "/{event}/organize/machines/{session}/{key}/revoke", ingest_pages.revoke, C.ORGANIZE),
    Route("GET", "/{event}/organize/connections", connections_pages.connections_page, C.ORGANIZE),
    Route("GET", "/{event}/organize/connections/{session}", connections_pages.connections_page, C.ORGANIZE),
    Route("GET", "/{event}/organize/recordings", recording_pages.recordings_page, C.ORGANIZE),
    Route(
        "GET",
        "/{event}/organize/recordings/{recording}/{file}",
        recording_pages.download,
        C.ORGANIZE,
    ),
    Route("GET", "/{event}/organize/outbox", outbox_pages.outbox_page, C.ORGANIZE),
    Route("GET", "/{event}/organize/outbox/{mail}", outbox_pages.mail_page, C.ORGANIZE),
    Route("POST", "/{event}/organize/outbox/again", outbox_pages.send_again, C.ORGANIZE),
    Route("POST", "/{event}/organize/outbox/send-all", outbox_pages.send_all, C.ORGANIZE),
    Route("POST", "/{event}/organize/outbox/stop-all", outbox_pages.stop_all, C.ORGANIZE),
    Route("POST", "/{event}/organize/outbox/{mail}", outbox_pages.rewrite, C.ORGANIZE),
    Route("POST", "/{event}/organize/outbox/{mail}/send", outbox_pages.send_now, C.ORGANIZE),
    Route("POST", "/{event}/organize/outbox/{mail}/stop", outbox_pages.stop, C.ORGANIZE),
    Route("GET", "/{event}/organize/release", release_pages.release_page, C.ORGANIZE),
    Route("POST", "/{event}/organize/release", release_pages.make_release, C.ORGANIZE),
]
