"""The dossier's pages in a real browser: no request leaves, no error, readable at every width."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from walking import Walk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
CARDS = ("card.zh.html", "card.en.html")
PAGES = ("index.html", *CARDS, "assessment.zh.html", "assessment.en.html")
LANGUAGES = {name: "en" if name.endswith(".en.html") else "zh-Hant-TW" for name in PAGES}
WIDTHS = (360, 768, 1280)

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
#: The contrast of every piece of text with the first opaque background behind it (WCAG 2.2).
CONTRAST = """
() => {
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length && (colour.length < 4 || colour[3] === 1)) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const node of document.querySelectorAll('body *:not(svg):not(svg *)')) {
    const own = [...node.childNodes].some((c) => c.nodeType === 3 && c.textContent.trim());
    if (!own || !node.getClientRects().length) continue;
    const style = getComputedStyle(node);
    const [one, other] = [light(parse(style.color)), light(behind(node))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    const large = parseFloat(style.fontSize) >= 24;
    if (ratio < (large ? 3 : 4.5)) poor.push(`${node.tagName}.${node.className} ${ratio.toFixed(2)}`);
  }
  return [...new Set(poor)];
}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip("Debian's chromium is not installed")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield opened
        opened.close()


class Visit:
    """A page that was opened, and everything that went on behind it."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self.folder = folder
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", lambda request: self.complaints.append(f"failed {request.url}"))

    def open(self, name: str) -> None:
        self.page.goto((self.folder / name).as_uri())

    @property
    def outside(self) -> list[str]:
        """Every request that is not for a file of this dossier."""
        inside = self.folder.as_uri() + "/"
        return [url for url in self.requests if not url.startswith((inside, "data:"))]


@pytest.fixture
def visit(browser: Browser, bank: Walk) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Visit(context.new_page(), bank.dossier)
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_by_itself_and_asks_nothing_outside(visit: Visit, name: str) -> None:
    visit.open(name)
    assert visit.complaints == []
    assert visit.outside == []
    page = visit.page
    assert page.locator("html").get_attribute("lang") == LANGUAGES[name]
    assert page.title().strip()
    assert page.locator("h1").count() == 1
    assert page.locator("h1").inner_text().strip()
    assert page.locator("main").count() == 1
    assert page.locator("script").count() == 0


@pytest.mark.parametrize("name", CARDS)
def test_every_chart_has_a_role_and_a_title(visit: Visit, name: str) -> None:
    visit.open(name)
    charts = visit.page.locator("figure svg")
    assert charts.count() >= 5
    for at in range(charts.count()):
        chart = charts.nth(at)
        assert chart.get_attribute("role") == "img"
        title = chart.locator("> title")
        assert title.count() == 1
        assert (title.text_content() or "").strip()
    levels = [int(tag[1]) for tag in visit.page.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4')].map((node) => node.tagName)"
    )]  # fmt: skip
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_readable_at_every_width_in_light_and_dark(
    visit: Visit, name: str, scheme: Any
) -> None:
    visit.page.emulate_media(color_scheme=scheme)
    for width in WIDTHS:
        visit.page.set_viewport_size({"width": width, "height": 800})
        visit.open(name)
        assert visit.page.evaluate(OVERFLOW) <= 0, width
    assert visit.page.evaluate(CONTRAST) == []
    assert visit.complaints == []


@pytest.mark.parametrize("name", PAGES)
def test_it_prints(visit: Visit, name: str, tmp_path: Path) -> None:
    visit.open(name)
    visit.page.emulate_media(media="print", color_scheme="dark")
    assert visit.page.evaluate(CONTRAST) == [], "paper is white whatever the screen is"
    printed = visit.page.pdf(path=tmp_path / "page.pdf", format="A4")
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") > 0


def test_the_language_switch_leads_to_the_other_card_and_back(visit: Visit) -> None:
    visit.open("card.zh.html")
    visit.page.locator("a[hreflang=en], a[lang=en], a[href='card.en.html']").first.click()
    assert visit.page.url.endswith("/card.en.html")
    visit.page.locator("a[href='card.zh.html']").first.click()
    assert visit.page.url.endswith("/card.zh.html")
    assert visit.outside == []


def test_every_link_leads_to_a_file_of_the_dossier_or_a_place_on_the_page(visit: Visit) -> None:
    for name in PAGES:
        visit.open(name)
        links = visit.page.evaluate(
            "[...document.querySelectorAll('a[href]')].map((node) => node.getAttribute('href'))"
        )
        assert links
        for link in links:
            if link.startswith("#"):
                assert visit.page.locator(f"[id='{link[1:]}']").count() == 1, (name, link)
            elif not link.startswith(("https://", "http://")):
                path = visit.folder / link.partition("#")[0]
                assert path.exists(), (name, link)


def test_the_charts_are_pictures_by_themselves_too(visit: Visit) -> None:
    charts = sorted((visit.folder / "charts").glob("*.svg"))
    assert len(charts) >= 10
    for path in charts:
        visit.open(f"charts/{path.name}")
        assert visit.page.locator("svg > title").count() == 1, path.name
    assert visit.complaints == []
    assert visit.outside == []
