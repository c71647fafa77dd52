"""Insights in a browser: what is drawn is what the tables say, and the heat map reads without colour."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import ADMINISTRATOR, Demo

# Every chart as the script drew it (ECharts' own series), the data beside it, and the table under it.
CHARTS = """() => [...document.querySelectorAll("[data-chart]")].filter((one) => one.chart).map((one) => ({
  name: one.dataset.chart,
  data: JSON.parse(document.getElementById(one.dataset.chart).textContent),
  drawn: one.chart.getOption().series.map((series) => series.type === "sankey"
    ? (series.links || series.edges).map((link) => link.value) : series.data),
  table: [...one.querySelectorAll("tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent.trim())),
}))"""
# Background and ink of the lightest to the fullest cell, as 0 to 255; probes, since a small desk has not every shade.
SHADES = """() => [1, 2, 3, 4, 5, 6].map((shade) => {
  const body = document.querySelector(".in-heat tbody tr"), cell = body.appendChild(document.createElement("td"));
  cell.className = `heat-${shade}`;
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
  const found = ["backgroundColor", "color"].map((name) => {
    canvas.fillStyle = getComputedStyle(cell)[name];
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  });
  cell.remove();
  return found;
})"""


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser, signed_in: dict[str, object]) -> Iterator[Page]:
    context = browser.new_context(storage_state=signed_in[ADMINISTRATOR], color_scheme=request.param)  # type: ignore[arg-type]  # as Playwright gave it
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", ["/insights?period=90", "/insights/metrics/time_resolve?period=365&by=service"])
def test_what_is_drawn_is_what_the_tables_say(page: Page, demo: Demo, path: str) -> None:
    page.goto(demo.address + path)
    page.wait_for_function("document.querySelector('[data-chart]').chart")
    charts = {chart["name"]: chart for chart in page.evaluate(CHARTS)}
    assert len(charts) >= 2
    for name, chart in charts.items():
        data, table = chart["data"], chart["table"]
        if data["kind"] == "flow":
            assert chart["drawn"][0] == [link["value"] for link in data["links"]]
            assert [row[-1] for row in table] == [f"{link['value']:,}" for link in data["links"]]
            continue
        assert [row[0] for row in table] == data["labels"], name
        for place, series in enumerate(data["series"]):
            assert chart["drawn"][place] == series["values"], (name, series["name"])
            assert [row[place + 1] for row in table] == series["texts"], (name, series["name"])
            if data["unit"] == "count" and max(series["values"]) > 1:
                assert series["texts"] == [f"{value:,}" for value in series["values"]]
        if "counts" in data:
            assert chart["drawn"][-1] == data["counts"]
            assert [row[-1] for row in table] == [f"{count:,}" for count in data["counts"]]


def test_the_heat_map_reads_in_grey(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.address}/insights?period=90")
    shades = page.evaluate(SHADES)
    grounds = [_luminance(ground) for ground, _ in shades]
    assert grounds in (sorted(grounds), sorted(grounds, reverse=True))
    assert all(_contrast(one, other) >= 1.08 for one, other in pairwise(grounds))
    assert _contrast(grounds[0], grounds[-1]) >= 3
    assert all(_contrast(_luminance(ground), _luminance(ink)) >= 4.5 for ground, ink in shades)
    cells = page.locator(".in-heat tbody td a").all_text_contents()
    opened = page.locator(".in-strip dd.num").first.inner_text()
    assert sum(int(cell) for cell in cells) == int(opened.replace(",", ""))


def _luminance(colour: list[int]) -> float:
    """Return the relative luminance of a colour, as WCAG defines it."""
    parts = [one / 255 for one in colour]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
