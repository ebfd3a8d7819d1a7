"""Prices per stair, districts of caseworkers, hashes of identifiers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from caselists import HEADER, folder_with, spells_csv

from experiments.caselist.hashed import Salted
from experiments.caselist.prices import prices_of
from experiments.caselist.reading import CaseList, read_case_list

PRICED = f"{HEADER};unit_price;price_unit"


def read(folder: Path) -> CaseList:
    return read_case_list(folder, until=date(2024, 1, 1))


def test_prices_by_hand(tmp_path: Path) -> None:
    rows = [f"c{i};foster;2020-01-01;;2012-01-01;{p};år" for i, p in enumerate((1, 2, 3, 4, 10))]
    rows += [f"d{i};foster;2023-12-22;;2012-01-01;;" for i in range(9)]  # without a price: not counted
    rows += ["e;foster;2023-01-01;2023-03-15;2012-01-01;103;år"]  # 73 days of the last year
    rows += [f"f{i};residential;2020-01-01;2022-01-01;2012-01-01;7;år" for i in range(9)]  # long ago
    prices = prices_of(read(folder_with(tmp_path, "\n".join([PRICED, *rows]))))
    assert prices.today["foster_care"] == 4.0
    year = 365.0
    assert prices.last_year["foster_care"] == pytest.approx((20 * year + 103 * 73) / (5 * year + 73))
    assert prices.today["residential_care"] is None and prices.last_year["residential_care"] is None


@pytest.mark.parametrize(("children", "shown"), [(0, False), (1, False), (4, False), (5, True)])
def test_a_price_of_few_children_is_shown_inside_only(tmp_path: Path, children: int, shown: bool) -> None:
    """Nine spells of few children are still few children."""
    rows = [f"x{i};foster;2023-01-01;;2012-01-01;;" for i in range(9)]
    spells = [(f"c{i % children}", i) for i in range(children and 9)]
    rows += [f"{c};residential;2023-0{i + 1}-01;2023-0{i + 1}-20;2012-01-01;50;year" for c, i in spells]
    cases = read(folder_with(tmp_path, "\n".join([PRICED, *rows])))
    price = pytest.approx(50.0) if children else None
    assert prices_of(cases).last_year["residential_care"] == (price if shown else None)
    assert prices_of(cases, internal=True).last_year["residential_care"] == price


def test_workers_districts_are_given_or_those_of_their_children(tmp_path: Path) -> None:
    spells = [
        f"{HEADER};district", "a;foster;2020-01-01;2021-01-01;2012-01-01;Vest",
        "a;foster;2022-01-01;;2012-01-01;Nord", "b;foster;2022-01-01;;2012-01-01;Nord",
        "c;foster;2022-01-01;;2012-01-01;Syd", "d;foster;2022-01-01;;2012-01-01;",
    ]  # fmt: skip
    cases = ["child_id;worker_id;start_date;end_date", "a;w1;2022-01-01;", "b;w1;2022-01-01;",
             "c;w1;2022-01-01;2023-01-01", "c;w1;2023-02-01;", "c;w1;2023-03-01;", "c;w2;2022-01-01;",
             "d;w3;2022-01-01;", "a;w4;2022-01-01;"]  # fmt: skip
    workers = ["worker_id;fte;start_date;end_date;district", *(f"w{i};1;2020-01-01;;" for i in (1, 2, 3)),
               "w4;1;2020-01-01;;Syd", "w5;1;2020-01-01;;Øst"]  # fmt: skip
    folder_with(
        tmp_path, "\n".join(spells), cases="\n".join(cases), workers="\n".join(workers)
    )  # fmt: skip
    found = read(tmp_path)
    assert found.districts == ("Nord", "Syd", "Vest")
    assert found.workers is not None
    assert found.workers.district.tolist() == [0, 1, -1, 1, -1]


def test_workers_without_districts_have_none(tmp_path: Path) -> None:
    folder_with(
        tmp_path, spells_csv("a;foster;2022-01-01;;2012-01-01"),
        cases="child_id;worker_id;start_date;end_date\na;w;2022-01-01;\n",
        workers="worker_id;fte;start_date;end_date\nw;1;2020-01-01;\n",
    )  # fmt: skip
    found = read(tmp_path)
    assert found.workers is not None and found.workers.district.tolist() == [-1]


def test_a_hash_tells_apart_within_a_run_only() -> None:
    """Two salts give one identifier the same 8 digits once in 4 billion times."""
    run, other = Salted(), Salted()
    names = [f"010203-{i:04d}" for i in range(500)]
    hashes = [run.of(name) for name in names]
    assert hashes == [run.of(name) for name in names]
    assert all(len(x) == 8 and int(x, 16) >= 0 for x in hashes)
    assert len(set(hashes)) == len(names)  # 500 of 2^32: a clash comes once in 34,000 runs
    assert not set(hashes) & {other.of(name) for name in names}
    assert run.of("æ") != run.of("") and repr(run) == "Salted()"
