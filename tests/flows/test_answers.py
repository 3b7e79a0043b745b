"""What every answer carries and what none ever shows: headers, tokens, malformed input, health, figures."""

from __future__ import annotations

import asyncio
import html
import json
import re
from io import BytesIO
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conference.clock import ManualClock
from conference.routes import ROUTES
from conference.settings import load_settings
from conference.storage.database import Database
from tests.flows.test_access import address
from tests.flows.town import MORNING, OPEN
from tests.flows.visitor import Answer, Site
from tests.world import GRACE, free_port, running_app

HERE = (OPEN, MORNING)
CALM = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
TRACE = re.compile(r"Traceback|File (?:&#34;|\")/|\.py\", line")
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


FRAMED = ("/schedule/embed", "/schedule/embed.js")  # other sites may show these, and they alone


def problems_of(answer: Answer, *, framed: bool = False) -> list[str]:
    """What is wrong with an answer's headers and with what it shows; `framed`: within other sites."""
    given = answer.headers
    calm = {name: value for name, value in CALM.items() if not (framed and name == "x-frame-options")}
    wanted = POLICY | ({"frame-ancestors": "*"} if framed else {})
    policy = dict(part.split(" ", 1) for part in given.get("content-security-policy", "").split("; ") if part)
    allowed = given.get("permissions-policy", "")
    found = [f"{name}: {given.get(name)}" for name, value in calm.items() if given.get(name) != value]
    found += [
        f"CSP {name}: {policy.get(name)}" for name, value in wanted.items() if policy.get(name) != value
    ]
    checks = {
        "CSP with unsafe": "unsafe" in str(policy),
        f"permissions: {allowed}": "camera=(self)" not in allowed or "geolocation=()" not in allowed,
        f"server says {given.get('server')}": given.get("server") != "majlis",
        "a stack trace": TRACE.search(answer.text),
        "an inline style": re.search(r"<[a-z][^>]* style=", answer.text),
        "an inline handler": re.search(r"<[a-z][^>]* on[a-z]+=", answer.text),
        "an inline script": re.search(r"<script(?![^>]*(?:src=|type=\"application/json\"))", answer.text),
    }
    return found + [problem for problem, is_there in checks.items() if is_there]


async def test_every_answer_carries_the_security_headers_and_nothing_inline(site: Site) -> None:
    wrong: list[str] = []
    for visitor in (await site.stranger(), await site.sign_in("zainab")):
        addresses = [address(route.path, HERE, site) for route in ROUTES if route.method == "GET"]
        for path in [
            *addresses,
            "/healthz",
            "/metrics",
            "/no/such/page/at/all",
            "/assets/../../etc/passwd",
            "/karbala",
        ]:
            answer = await visitor.get(path)
            framed = path.endswith(FRAMED)
            wrong += [f"GET {path}: {problem}" for problem in problems_of(answer, framed=framed)]
            personal = (
                not framed
                and visitor.cookies.get("majlis")
                and "text/html" in answer.headers.get("content-type", "")
            )
            if personal and "no-store" not in answer.headers.get("cache-control", ""):
                wrong.append(
                    f"GET {path}: a personal page may be kept: {answer.headers.get('cache-control')}"
                )
        token = {"X-Form-Token": visitor.form_token, "Origin": site.url}
        refused = await visitor.send("DELETE", f"/{OPEN}/", headers=token)
        assert refused.status == 405
        wrong += [f"DELETE: {problem}" for problem in problems_of(refused)]
    assert wrong == []


async def test_behind_tls_browsers_are_told_to_stay_with_it(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    chosen = {"server": {"port": free_port(), "public_url": "https://majlis.example"}}
    settings = load_settings(
        overrides={**chosen, "storage": {"folder": str(tmp_path)}, "media": {"host": "127.0.0.1", "port": 0}}
    )
    async with running_app(settings, clock, database):
        local = Site(f"http://localhost:{settings.server.port}", database, clock, "")
        page = await (await local.stranger()).get("/sign-in")
    assert int(page.headers["strict-transport-security"].removeprefix("max-age=").split(";")[0]) >= 31_536_000
    assert "wss://majlis.example" in page.headers["content-security-policy"]


async def test_nothing_is_changed_without_the_pages_own_token_and_origin(site: Site) -> None:
    zainab = await site.sign_in("zainab")
    own, other = {"form_token": zainab.form_token}, await site.stranger()
    cross_site = {"Sec-Fetch-Site": "cross-site"}
    wrong: list[str] = []
    for route in ROUTES:
        if route.method != "POST":
            continue
        path = address(route.path, HERE, site)
        tries = {
            "no token": await zainab.send("POST", path, form={}),
            "a wrong token": await zainab.send("POST", path, form={"form_token": "x" * 32}),
            "another's token": await zainab.send("POST", path, form={"form_token": other.form_token}),
            "another origin": await zainab.post(path, Origin="https://evil.example"),
            "another site": await zainab.send("POST", path, form=own, headers=cross_site),
            "an origin of null": await zainab.post(path, Origin="null"),
        }
        # A machine's address takes a key and no cookie: there is nothing a foreign page could use.
        refusal = 401 if route.bearer else 403
        wrong += [
            f"{path} with {what}: {answer.status}"
            for what, answer in tries.items()
            if answer.status != refusal
        ]
    assert wrong == []
    assert (await zainab.get("/me")).status == 200, "still signed in"
    for path in ("/live/ticket", "/live/command"):
        body = json.dumps({"session": MORNING}).encode()
        answer = await zainab.send("POST", path, body=body, headers={"Content-Type": "application/json"})
        assert answer.status == 403, path


async def test_what_was_typed_comes_back_with_the_error_beside_it(site: Site) -> None:
    visitor = await site.stranger()
    name, email = "مريم <b>الكاتبة</b>", "not an address"
    for form, lost in (({"name": name, "email": email}, ()), ({"name": name, "email": ""}, (email,))):
        page = await visitor.post(f"/{OPEN}/register", form)
        assert page.status == 400
        assert html.escape(name, quote=False) in html.unescape(page.text) or name in html.unescape(page.text)
        assert "<b>الكاتبة" not in page.text
        assert "aria-invalid" in page.text
        assert all(each in page.text for each in form.values() if each not in (*lost, name, ""))
    signing = await visitor.post("/sign-in", {"email": "zainab at town", "next": f"/{OPEN}/schedule"})
    assert 'value="zainab at town"' in signing.text
    assert f'value="/{OPEN}/schedule"' in signing.text
    stale = await visitor.send(
        "POST", f"/{OPEN}/register", form={"form_token": "old", "name": "زينب", "email": email}
    )
    assert stale.status == 403
    assert "زينب" in stale.text
    assert email in stale.text


NASTY_PATHS = [
    "/%00",
    "/%ff%fe",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/assets/%2e%2e/%2e%2e/pyproject.toml",
    "/assets/manifest.json%00.css",
    "/" + "a/" * 400,
    "/?lang=%00%ff",
    f"/{OPEN}/schedule?day=%F0%9F%92%A9",
    f"/{OPEN}/schedule?day=9999-99-99",
    f"/{OPEN}/schedule?track=<script>alert(1)</script>&room='--&language=xx",
    f"/{OPEN}/schedule/now?zone=../../etc",
    f"/{OPEN}/session/{'A' * 3000}",
    f"/{OPEN}/session/%E2%80%AE",
    "/sign-in?next=https://evil.example/",
    "/sign-in?next=//evil.example",
    "/join/%0d%0aSet-Cookie:x=1",
]


@pytest.mark.parametrize("path", NASTY_PATHS, ids=range(len(NASTY_PATHS)))
async def test_a_nasty_address_gets_a_calm_answer(site: Site, path: str) -> None:
    host = urlsplit(site.url)
    reader, writer = await asyncio.open_connection(host.hostname, host.port)
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: {host.netloc}\r\nAccept: text/html\r\n"
        "Connection: close\r\n\r\n".encode()
    )
    answer = (await asyncio.wait_for(reader.read(), GRACE)).decode(errors="replace")
    writer.close()
    status = int(answer.split(" ", 2)[1])
    assert status < 500, answer[:300]
    assert not TRACE.search(answer)
    assert "<script>alert" not in answer
    assert not re.search(r"(?im)^(location|set-cookie):.*(evil|x=1)", answer)
    assert not re.search(r"(href|action|value)=\"(https?:)?//evil", answer)


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
        b"GET / HTTP/1.1\r\nCookie: majlis=" + b"\xff" * 200 + b"\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
    ],
    ids=["negative length", "smuggling", "version", "TLS", "cookie", "headers"],
)
async def test_bytes_that_are_no_request_get_no_stack_trace(site: Site, sent: bytes) -> None:
    host = urlsplit(site.url)
    reader, writer = await asyncio.open_connection(host.hostname, host.port)
    writer.write(sent)
    writer.write_eof()
    answer = (await asyncio.wait_for(reader.read(), GRACE)).decode(errors="replace")
    writer.close()
    assert "Traceback" not in answer
    assert not re.match(r"HTTP/1\.\d 5", answer), answer[:200]
    assert (await (await site.stranger()).get("/healthz")).status == 200


async def test_bodies_of_the_wrong_kind_and_size_are_refused_in_words(site: Site) -> None:
    zainab = await site.sign_in("zainab")
    token = {"X-Form-Token": zainab.form_token}
    form = "application/x-www-form-urlencoded"
    kinds = {
        "application/json": b'{"a": [[[[1]]]]}',
        "text/plain": b"name=x",
        "multipart/form-data; boundary=x": b"--x\r\nbroken",
        f"{form}; charset=nonsense": b"name=%zz",
        form: b"name=%ff%fe&email=\x00&language=xx",
    }
    for kind, body in kinds.items():
        for path in ("/me", f"/{OPEN}/organize/people", "/live/command"):
            answer = await zainab.send("POST", path, body=body, headers={**token, "Content-Type": kind})
            assert 400 <= answer.status < 500, (kind, path, answer.status)
            assert problems_of(answer) == [], (kind, path)
    of_form = {"Content-Type": form, **token}
    large = await zainab.send("POST", "/me", body=BytesIO(b"name=" + b"x" * 2_000_000), headers=of_form)
    assert large.status == 413
    assert "Traceback" not in large.text


NASTY_TEXTS = [
    "\u202eevil",
    "\u0000",
    "x" * 5000,
    "مرحبا\u2066",
    "'; DROP TABLE account;--",
    "<b>",
    "a@b",
    "-1",
]
FIELDS = (
    "email", "name", "next", "language", "zone", "theme", "role", "session", "q", "on", "session_id", "mail",
)  # fmt: skip


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
async def test_no_form_content_breaks_a_page(site: Site, data: st.DataObject) -> None:
    zainab = await site.sign_in("zainab")
    paths = [address(route.path, HERE, site) for route in ROUTES if route.method == "POST"]
    path = data.draw(st.sampled_from(paths))
    # What a form cannot carry in UTF-8 (lone surrogates) never leaves a browser.
    sendable = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
    texts = sendable | st.sampled_from(NASTY_TEXTS)
    form = data.draw(st.dictionaries(st.sampled_from(FIELDS), texts, max_size=5))
    answer = await zainab.post(
        path, {name: value.encode("utf-8", "replace").decode() for name, value in form.items()}
    )
    assert answer.status < 500, (path, form)
    assert "Traceback" not in answer.text
    if "location" in answer.headers:
        assert re.match(r"^/(?![/\\])", answer.headers["location"]), "only ever to a page of ours"


async def test_health_names_version_database_and_media(site: Site) -> None:
    answer = await (await site.stranger()).get("/healthz")
    told = json.loads(answer.text)
    assert (answer.status, told["status"], told["database"]["state"], told["media"]["state"]) == (
        200,
        *["ready"] * 3,
    )
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", told["version"])


async def test_figures_count_by_route_and_hold_no_secret(site: Site) -> None:
    visitor = await site.stranger()
    await visitor.get("/join/" + quote("very-secret-token"))
    await visitor.get(f"/{OPEN}/session/{MORNING}")
    figures = (await visitor.get("/metrics")).text
    assert 'majlis_requests_total{method="GET",route="/{event}/session/{session}",status="200"} ' in figures
    assert "majlis_media_viewers 0.0" in figures
    assert "majlis_live_connections 0.0" in figures
    assert "very-secret" not in figures
    assert MORNING not in figures
