"""Posts and settings that an import writes: who is there, who was, which lines of the template change."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest
from caselists import HEADER, folder_with

from experiments.caselist.posts import posts_of
from experiments.caselist.reading import read_case_list
from experiments.caselist.template_lines import switched_on
from simulation.shipped import shipped_text

UNTIL = date(2022, 1, 1)
SPELLS = "\n".join(
    [f"{HEADER};district", *(f"C{i};preventive;2021-01-07;;2008-03-04;{'NS'[i % 2]}" for i in range(40))]
)


def posts(
    tmp_path: Path, *rows: str, sizes: tuple[int, ...] = (20, 20), header: str = ""
) -> list[list[float]]:
    workers = "\n".join([f"worker_id;fte;start_date;end_date{header}", *rows]) + "\n"
    return posts_of(
        read_case_list(folder_with(tmp_path, SPELLS, workers=workers), until=UNTIL), sizes
    ).shares


def test_who_is_there_on_the_last_day_fills_a_post(tmp_path: Path) -> None:
    found = posts(tmp_path, "A;1;2019-01-01;", "B;0,8;2019-01-01;", "C;1;2019-01-01;2020-06-01")
    assert sorted(x for shares in found for x in shares) == [0.8, 1.0]


def test_who_left_in_the_last_year_leaves_a_vacant_post(tmp_path: Path) -> None:
    found = posts(tmp_path, "A;1;2019-01-01;", "B;1;2019-01-01;2021-12-01")
    # the ends of 12 months, on 10 or 11 of which B was there
    assert sorted(x for shares in found for x in shares) == [pytest.approx(10.5 / 12, abs=0.05), 1.0]


def test_somebody_new_for_somebody_old_is_one_post(tmp_path: Path) -> None:
    found = posts(tmp_path, "A;1;2019-01-01;2021-07-01", "B;1;2021-07-01;", sizes=(40,))
    assert found == [[1.0]]


def test_posts_stand_in_the_district_of_the_caseworker(tmp_path: Path) -> None:
    rows = ["A;1;2019-01-01;;S", "B;0,5;2019-01-01;;S", "C;1;2019-01-01;;N"]
    assert posts(tmp_path, *rows, header=";district") == [[1.0], [1.0, 0.5]]


def test_more_than_full_time_is_two_posts(tmp_path: Path) -> None:
    assert posts(tmp_path, "A;1,4;2019-01-01;", sizes=(40,)) == [[1.0, 0.4]]


def test_a_list_without_workers_has_posts_in_proportion(tmp_path: Path) -> None:
    cases = read_case_list(folder_with(tmp_path, SPELLS), until=UNTIL)
    found = posts_of(cases, (229, 0))
    assert found.shares == [[1.0] * 5, []]
    assert "Replace" in found.source


def test_settings_are_switched_on_where_the_template_has_them() -> None:
    text = shipped_text("template")
    values = {
        "work.turnover_rate": 0.3, "children.readiness_rate.foster_care": 0.05,
        "children.recognition": 0.5, "children.age_at_entry": [0.1, 0.2, 0.3, 0.4],
        "money.unit_price.foster_care": 543210.4,
    }  # fmt: skip
    changed = switched_on(text, values)
    before, after = tomllib.loads(text), tomllib.loads(changed)
    assert after["work"]["turnover_rate"] == 0.3
    assert after["children"]["readiness_rate"] == {"foster_care": 0.05}
    assert after["children"]["recognition"] == 0.5
    assert after["children"]["age_at_entry"] == [0.1, 0.2, 0.3, 0.4]
    assert after["money"]["unit_price"] == {"foster_care": 543210}
    for table in ("work", "children", "money"):
        after.pop(table), before.pop(table)
    assert after == before


def test_a_table_that_the_template_lacks_is_named() -> None:
    with pytest.raises(KeyError, match=r"\[nowhere\]"):
        switched_on(shipped_text("template"), {"nowhere.key": 1.0})
