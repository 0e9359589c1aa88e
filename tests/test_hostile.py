"""Thirty attacks in every text of cases, pack and register: none runs, in any page."""

import pytest
from hostile import ATTACKS, make_run, write_hostile_map


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("hostile"))


def test_the_attacks_are_thirty():
    assert len(set(ATTACKS)) == 30


def test_no_attack_runs_in_the_map_whatever_is_opened(open_page, tmp_path):
    opened = open_page(write_hostile_map(tmp_path / "map.html"))
    page = opened.page
    page.wait_for_selector("html.started", state="attached")
    page.fill("#q", "alert")
    page.wait_for_selector(".chip")
    page.fill("#q", "")
    page.wait_for_selector(".chip", state="detached")
    for fill in ("cell", "heat", "street", "community"):
        page.check(f"#fill-{fill}", force=True)
    page.check("#rectified", force=True)
    assert page.locator(".item-head").count() > 20
    for head in page.locator(".item-head").all():
        head.dispatch_event("click")
        assert page.locator(".card .rectified li").count() == 1
    for path in page.locator("path.area, path.point, path.hot-cell").all():
        path.dispatch_event("mouseover")
        path.dispatch_event("click")
    page.pdf()
    assert opened.faults == []


@pytest.mark.parametrize("name", ["map.html", "report.html", "patrol.html"])
def test_no_attack_runs_in_the_pages_of_a_run(run_folder, open_page, name):
    opened = open_page(run_folder / name)
    opened.page.pdf()
    assert opened.faults == []


def test_no_attack_runs_where_scripts_are_off(open_page, tmp_path):
    page = open_page(write_hostile_map(tmp_path / "map.html"), scripts=False).page
    assert page.locator("#plain tbody tr").count() == 10
    assert page.locator("#plain script, #plain img, #plain svg, #plain iframe").count() == 0
