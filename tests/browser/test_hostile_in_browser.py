"""
Hostile texts that are stored, on every page, in a real browser: nothing of them runs, nothing is asked of another host.

Each page is looked at twice: as it is served, and in a browser that leaves the content security policy aside, so that
what the policy alone would have stopped is found too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from app import signing_in
from app.acts import ACTS
from app.guards import CONTENT_SECURITY_POLICY
from app.public import create_public_app
from app.web import create_app
from casework.people.roles import Role
from core.settings import settings
from core.signing import key_for
from core.unit_of_work import unit_of_work
from notifications import outbox
from notifications.lifecycle import Medium, State
from notifications.messages import Message
from notifications.receipt_links import PATH, PURPOSE, token_of
from tests.app.grounds import Ground, standing_on
from tests.app.hostile.payloads import ATTRIBUTES, ELEMENTS, PAYLOADS
from tests.app.hostile.stores import fill
from tests.app.hostile.test_stored import READERS, shown
from tests.browser.answering import PUBLIC, answering
from tests.engines import Engine, blank, opened
from tests.notifications.samples import RECIPIENTS, SAMPLES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HTML = "text/html"
AT_A_TIME = 12
"""Texts further in their row each time that the columns are filled anew."""
ELSEWHERE = re.compile(r"^(?!http://127\.0\.0\.1[:/]).*")

TRIPWIRE = """
window.told = [];
document.addEventListener("securitypolicyviolation", (event) => {
  told.push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""
"""In place before anything of a page is; no policy of the page's keeps it out."""

LIVE = """() => {
  const LINKS = ["href", "src", "action", "formaction", "xlink:href", "hx-get", "hx-post"];
  const told = (address) => { try { return new URL(address, document.baseURI).protocol; } catch { return ""; } };
  const own = (address) => !address || ["", "http:", "https:", "mailto:", "tel:"].includes(told(address));
  const wrong = [...document.querySelectorAll("*")].filter((each) =>
    [...each.attributes].some((name) => /^(on|hx-on|style$)/i.test(name.name))
    || ["IFRAME", "OBJECT", "EMBED", "BASE", "PLAINTEXT", "STYLE", "MARQUEE"].includes(each.tagName.toUpperCase())
    || (each.localName === "script" && !(each.getAttribute("src") || "").startsWith("/static/"))
    || (each.localName === "form" && new URL(each.action, document.baseURI).origin !== location.origin)
    || LINKS.some((name) => !own(each.getAttribute(name))));
  return wrong.map((each) => each.outerHTML.slice(0, 160));
}"""
"""What a browser made of a page that no template writes."""


@dataclass
class Watched:
    """One page of a browser, and whatever came of the texts on it."""

    page: Page
    fired: list[str] = field(default_factory=list)

    def look(self, address: str, key: str) -> list[str]:
        """Go there as whoever holds the key; what ran, what was refused, what was asked of elsewhere."""
        self.fired.clear()
        parts = urlsplit(address)
        self.page.context.clear_cookies()
        if key:
            site = f"{parts.scheme}://{parts.netloc}"
            self.page.context.add_cookies([{"name": signing_in.PLAIN_NAME, "value": key, "url": site}])
        self.page.goto(address, wait_until="load")
        ran = [f"ran: {self.page.evaluate('window.ran')}"] if self.page.evaluate("'ran' in window") else []
        gone = [] if urlsplit(self.page.url).netloc == parts.netloc else [f"led to {self.page.url}"]
        return [*self.fired, *ran, *gone, *self.page.evaluate("window.told || []"), *self.page.evaluate(LIVE)]


def _watched(context: BrowserContext) -> Watched:
    context.add_init_script(TRIPWIRE)
    watched = Watched(context.new_page())

    def asked(route: Route) -> None:
        watched.fired.append(f"asked {route.request.url}")
        route.abort()

    def dialog(shown: object) -> None:
        watched.fired.append("a dialog")
        shown.dismiss()  # type: ignore[attr-defined]

    context.route(ELSEWHERE, asked)
    watched.page.on("dialog", dialog)
    watched.page.on("popup", lambda _: watched.fired.append("a window"))
    return watched


@pytest.fixture(scope="module", params=["as it is served", "without its policy"])
def watched(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Watched]:
    context = browser.new_context(bypass_csp=request.param == "without its policy")
    yield _watched(context)
    context.close()


@dataclass(frozen=True)
class Planted:
    """
    Two associations with every kind of row, served; `addresses` are those of every page that somebody is given, with
    their key: the routes', the forms' of acts, and the one that is public.
    """

    ground: Ground
    url: str
    addresses: list[tuple[str, str]]


def _addresses(ground: Ground, url: str) -> Iterator[tuple[str, str]]:
    with ThreadPoolExecutor(1) as beside:  # Playwright's loop runs in this thread, and no other may
        answers = beside.submit(shown, ground).result()
    for door, reply in answers.values():
        if reply.kind == HTML and reply.status == 200:
            reader = next(role for role in READERS if door.roles and role in door.roles)
            yield f"{url}{ground.own.fill(door)}", ground.keys[reader]
    case = f"{url}/cases/{ground.own.by_address['cases/{ref}']}"
    yield from ((f"{case}?act={act}", ground.keys[Role.NATIONAL_OFFICIAL]) for act in islice(ACTS, 0, None, 8))


@pytest.fixture(scope="module")
def planted(engines: Callable[[str], Engine], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    engine = engines("sqlite")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MANDATE_HOME", str(tmp_path_factory.mktemp("hostile")))
        settings.cache_clear()
        with engine.lent(blank(engine)) as url, opened(url) as database, standing_on(database) as ground:
            token = _acknowledged(ground)
            with answering(create_app(database)) as own, answering(create_public_app(database, PUBLIC)) as public:
                yield Planted(ground, own, [*_addresses(ground, own), (f"{public}/{PATH}/{token}", "")])
    settings.cache_clear()


def _acknowledged(ground: Ground) -> str:
    """The last part of the address at which an employer acknowledges a notice."""
    with unit_of_work("staff:test", on=ground.database) as uow:
        message, to = Message("notice_of_ballot", SAMPLES["notice_of_ballot"]), RECIPIENTS["employer"]
        notice = outbox.prepare(uow, message, to, medium=Medium.MAIL, subject_ref="ballot:elsewhere")
        outbox.approve(uow, notice.id, "officer:approver")
        outbox.queue(uow, notice.id)
        notice.state, notice.epoch = State.SENDING, 1
        notice.state = State.ACCEPTED
        return token_of(notice.message_id, key_for(settings(), PURPOSE))


def turned(texts: Sequence[str], begins: int) -> Sequence[str]:
    return [*texts[begins:], *texts[:begins]]


@pytest.mark.parametrize(
    ("begins", "nth"),
    [
        pytest.param(range(1), 4, id="some"),
        pytest.param(range(0, len(PAYLOADS), AT_A_TIME), 1, marks=pytest.mark.full, id="all"),
    ],
)
def test_fm_33_nothing_that_was_stored_runs_in_a_browser(
    planted: Planted, watched: Watched, begins: range, nth: int
) -> None:
    """
    Turns red if `autoescape` is off, a template marks a value `safe`, or the policy allows a script in a page.
    """
    wrong, looked = [], 0
    for begin in begins:
        assert sum(fill(planted.ground.database, turned(PAYLOADS, begin)).values()) > 100
        for address, key in planted.addresses[::nth]:
            looked += 1
            wrong += [f"{address}: {each}" for each in watched.look(address, key)]
    assert looked > 30 * len(begins) // nth
    assert not wrong, f"{len(wrong)} faults\n" + "\n".join(wrong[:20])


RUNS = ["<script>window.ran=1</script>", "<svg/onload=window.ran=1>", "<img src=x onerror=window.ran=1>"]


@pytest.mark.parametrize("text", RUNS)
def test_fm_33_a_text_that_breaks_out_would_be_seen(planted: Planted, watched: Watched, text: str) -> None:
    """Turns red if the tripwire sees nothing: a page that holds one of the texts as it came trips it."""
    assert text in ELEMENTS
    address = f"{planted.url}/static/broken-out"
    headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Content-Type": HTML}
    watched.page.route(address, lambda route: route.fulfill(status=200, headers=headers, body=f"<p>{text}</p>"))
    found = watched.look(address, "")
    watched.page.unroute(address)
    assert any(each.startswith(("ran: 1", "script-src")) for each in found), found
    assert ATTRIBUTES
