"""The lead's board in a browser: every figure opens its tickets, gaps and outbreaks lead to an article."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from api.conftest import serving
from clocks import FakeClock
from playwright.sync_api import Locator, Page, expect

from kbsearch.api.app import create_app
from kbsearch.api.service import Service
from kbsearch.bootstrap import embedded
from kbsearch.model import ArticleState, Role, Scope
from kbsearch.web.pages import add_pages
from scripts.harness.hashing import HashingEmbedder
from web.conftest import ACME, GLOBEX, Desk
from web.played import GAP, play
from web.test_accessibility import SCREENS, check


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, object]]:
    now = datetime.now(UTC)
    clock = FakeClock(now)
    knowledge = embedded(tmp_path_factory.mktemp("board"), lambda model: HashingEmbedder(), clock=clock)
    play(knowledge, clock, now)
    with serving(add_pages(create_app(Service(knowledge)))) as address:
        yield address, knowledge
    knowledge.close()


@pytest.fixture
def desk(played: tuple[str, object], opened: Callable[..., Page]) -> Desk:
    return Desk(played[0], played[1], opened)


def board(desk: Desk, *tenants: str, path: str = "/desk", **options: object) -> Page:
    page = desk.signed_in(Role.LEAD, *(tenants or (ACME, GLOBEX)), path=path, **options)
    expect(page.locator("h1")).to_be_visible()
    return page


def number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def listed(page: Page, address: str) -> list[tuple[str, str]]:
    """(client, ticket) of every page of a list."""
    page.goto(address)
    found = []
    while True:
        rows = page.locator("tbody tr").all()
        found += [(row.locator("td").nth(1).inner_text(), row.get_attribute("data-ticket") or "") for row in rows]
        following = page.locator("a[rel=next]")
        if not following.count():
            return found
        following.click()
        page.wait_for_load_state()


def filed(page: Page) -> list[tuple[str, str]]:
    """(client, ticket) of the file of the list that is open."""
    address = urlsplit(page.url)
    link = page.locator("a[download]").get_attribute("href")
    answer = page.request.get(f"{address.scheme}://{address.netloc}{link}")
    assert answer.headers["content-type"].startswith("text/csv")
    return [(row["client"], row["ticket_id"]) for row in csv.DictReader(io.StringIO(answer.text()))]


def test_each_figure_of_a_tile_is_its_list_and_its_file(desk: Desk) -> None:
    page = board(desk)
    addresses: list[tuple[str, int]] = []
    for tile in page.locator(".tile").all():
        for part in tile.locator("[data-part]").all():
            link = part.locator("a")
            count = number(part.inner_text().rpartition(":")[2])
            assert bool(link.count()) == bool(count)
            if count:
                addresses.append((f"{desk.address}{link.get_attribute('href')}", count))
        share = tile.locator(".share a")
        if share.count():
            counted, *_ = re.findall(r"[\d,]+", tile.locator(".of").inner_text())
            addresses.append((f"{desk.address}{share.get_attribute('href')}", number(counted)))
    assert len(addresses) >= 20
    for address, count in addresses:
        rows = listed(page, address)
        assert len(rows) == len(set(rows)) == count == number(page.locator("#total").inner_text()), address
        assert filed(page) == rows


def test_every_tile_has_tickets(desk: Desk) -> None:
    page = board(desk)
    expect(page.locator(".tile")).to_have_count(10)
    assert page.locator(".tile", has_text="no such tickets").count() == 0
    expect(page.locator("[data-figure=first_line] .goal")).to_have_text("below the goal of 90%")
    expect(page.locator("[data-figure=deadlines] [data-part=overdue]")).to_have_text("overdue: 1")
    expect(page.locator("[data-figure=write_back]")).to_contain_text("half within 10 min, nine of ten within 10 min")
    expect(page.locator("main")).not_to_contain_text("Ana Petrova")


def test_an_outbreak_shows_its_start_its_clients_and_its_tickets(desk: Desk) -> None:
    page = board(desk)
    outbreak = page.locator("[data-group=outbreak]")
    expect(outbreak).to_have_count(1)
    expect(outbreak.locator("h3")).to_have_text("Navision is frozen for everybody")
    expect(outbreak).to_contain_text(
        re.compile(r"8 tickets.*since .* UTC.*0 were to be expected \(p [<=] 0\.0\d+\)", re.S)
    )
    expect(outbreak).to_contain_text("acme (6), globex (2)")
    rows = listed(page, f"{desk.address}{outbreak.locator('a').first.get_attribute('href')}")
    assert sorted(rows) == sorted((GLOBEX if n % 4 == 3 else ACME, f"OUT-{n}") for n in range(8))
    assert filed(page) == rows
    page.goto(f"{desk.address}/desk")
    outbreak.get_by_role("button", name="Start the article").click()
    expect(outbreak).to_contain_text("Article begun; its fix is still missing: Navision is frozen for everybody")


def test_from_a_gap_to_a_validated_article(desk: Desk) -> None:
    page = board(desk, ACME)
    gap = page.locator("[data-group=gap]", has_text=GAP)
    expect(gap).to_contain_text("4 tickets")
    expect(gap).to_contain_text("25 minutes of work (known of 1)")
    expect(gap.locator(".samples li")).to_have_count(3)
    rows = listed(page, f"{desk.address}{gap.locator('a').first.get_attribute('href')}")
    assert {id for _, id in rows} == {f"GAP-{n}" for n in range(4)}
    assert filed(page) == rows
    page.goto(f"{desk.address}/desk")
    other = board(desk, ACME)
    gap.get_by_role("button", name="Start the article").click()
    expect(gap).to_contain_text("Article begun; it waits for validation:")
    page.reload()
    expect(gap.get_by_role("button")).to_have_count(0)
    gap.get_by_role("link", name="To the article").click()
    expect(page.locator("[name=resolution]")).to_have_value(re.compile("purple reset pin"))
    page.goto(f"{desk.address}/review")
    card = page.locator(".card", has_text=GAP)
    expect(card).to_contain_text("purple reset pin")
    card.get_by_role("button", name="Validate").click()
    expect(page.locator(".noted")).to_have_text("Validated.")
    [found] = [one for one in desk.knowledge.articles.page(Scope(ACME)) if one.article.title.startswith(GAP)]
    assert found.article.state == ArticleState.VALIDATED
    page.goto(f"{desk.address}/desk")
    expect(gap).to_contain_text("Article, validated:")
    begun = other.locator("[data-group=gap]", has_text=GAP)
    begun.get_by_role("button", name="Start the article").click()
    expect(begun).to_contain_text("Article, validated:")
    assert len([one for one in desk.knowledge.articles.page(Scope(ACME)) if one.article.title.startswith(GAP)]) == 1


def test_period_and_client_stand_in_the_address(desk: Desk) -> None:
    page = board(desk)
    expect(page.locator("#shown")).to_contain_text("all clients")
    page.locator("#client").select_option("globex")
    page.wait_for_url("**/desk?client=globex")
    expect(page.locator("[data-figure=verdicts] .of")).to_contain_text("of 2 tickets")
    page.get_by_role("link", name="last 7 days").click()
    page.wait_for_url("**/desk?client=globex&days=7")
    expect(page.locator("#shown")).to_contain_text("client globex")
    page.locator("#client").select_option("")
    page.wait_for_url(re.compile(r"/desk\?(days=7&client=|client=&days=7)$"))
    today = datetime.now(UTC).date()
    page.locator("#from").fill(str(today - timedelta(days=12)))
    page.locator("#to").fill(str(today - timedelta(days=10)))
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/desk?from=*")
    assert parse_qs(urlsplit(page.url).query) == {
        "from": [str(today - timedelta(days=12))], "to": [str(today - timedelta(days=10))]
    }  # fmt: skip
    tickets = listed(page, f"{desk.address}{page.locator('[data-figure=links] .links a').first.get_attribute('href')}")
    assert 2 <= len(tickets) <= 4
    page.get_by_role("link", name="Български").click()
    expect(page.locator("html")).to_have_attribute("lang", "bg")
    expect(page.locator("#total")).to_contain_text(f"{len(tickets)} заявк")
    for wrong in ("days=0", "days=x", "from=2026-13-01", "from=2026-02-02&to=2026-02-01", "days=401"):
        page.goto(f"{desk.address}/desk?{wrong}")
        expect(page.locator("main")).to_contain_text("Изберете период")


def test_charts_are_drawn_from_their_tables(desk: Desk) -> None:
    page = board(desk)
    expect(page.locator("figure.chart")).to_have_count(4)
    for figure in page.locator("figure.chart").all():
        figure.locator("summary").click()
        drawn = figure.locator("canvas").evaluate(
            "(canvas) => Chart.getChart(canvas).data.datasets.map((one) => [one.label, [...one.data]])"
        )
        columns = [head.inner_text() for head in figure.locator("th[data-unit]").all()]
        assert [label for label, _ in drawn][: len(columns)] == columns
        for label, values in drawn[: len(columns)]:
            assert values == column(figure, label)


def column(figure: Locator, name: str) -> list[float | None]:
    """The values of a column of the table."""
    heads = [head.inner_text() for head in figure.locator("thead th").all()]
    cells = [row.locator("th, td").nth(heads.index(name)) for row in figure.locator("tbody tr").all()]
    return [float(text) if (text := cell.get_attribute("data-value")) else None for cell in cells]


@pytest.mark.parametrize("role", [Role.AGENT, Role.ENGINEER])
def test_only_leads_see_the_board(desk: Desk, role: Role) -> None:
    page = desk.signed_in(role)
    expect(page.get_by_role("link", name="Desk")).to_have_count(0)
    for path in ("/desk", "/desk/tickets?figure=links", "/desk/tickets.csv?figure=links"):
        page.goto(f"{desk.address}{path}")
        expect(page.locator("main")).to_contain_text("Your key does not allow this.")


def test_a_lead_sees_only_the_clients_of_the_key(desk: Desk) -> None:
    page = board(desk, GLOBEX)
    expect(page.locator("[data-figure=verdicts] .of")).to_contain_text("of 2 tickets")
    expect(page.locator("#client option")).to_have_text(["globex"])
    page.goto(f"{desk.address}/desk?client=acme")
    expect(page.locator("main")).to_contain_text("Your key does not cover this client.")
    page.goto(f"{desk.address}/desk/tickets?gap=GAP-1&of=acme")
    expect(page.locator("main")).to_contain_text("This is not here any more.")


def test_chart_code_is_loaded_on_the_board_only(desk: Desk) -> None:
    with httpx.Client(base_url=desk.address) as client:
        client.post("/sign-in", data={"key": desk.key(Role.LEAD)})
        for path in ("/", "/find", "/solve", "/review"):
            assert "chart" not in client.get(path).text
        assert "vendor/chart" in client.get("/desk").text


@pytest.mark.parametrize(("language", "theme", "width"), SCREENS, ids=lambda one: str(one))
def test_no_page_of_the_board_breaks_a_rule(desk: Desk, language: str, theme: str, width: int) -> None:
    options = {"locale": language, "color_scheme": theme, "viewport": {"width": width, "height": 800}}
    page = board(desk, **options)
    for summary in page.locator("figure.chart summary").all():
        summary.click()
    check(page, "desk", width)
    page.goto(f"{desk.address}{page.locator('[data-figure=verdicts] .links a').first.get_attribute('href')}")
    check(page, "tickets of the desk", width)
