"""The Standard Safeguarding Dataset: its tables say the same as ours would."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from workbooks import save, workbook

from experiments.caselist.reading import CaseList, read_case_list
from experiments.caselist.reading_problems import CaseListError

TABLES: dict[str, list[str]] = {
    "ssd_person": [
        "pers_person_id,pers_sex,pers_dob",
        "p1,F,2012-06-05 00:00:00.000", "p2,M,2009-02-01 00:00:00.000", "p3,M,",
    ],
    "ssd_cla_episodes": [
        "clae_cla_episode_id,clae_person_id,clae_cla_episode_start_date,clae_cla_id",
        "e1,p1,2020-05-01,k1", "e2,p1,2020-09-01,k1", "e3,p2,2021-03-01,k2", "e4,p3,2021-03-01,k3",
    ],
    "ssd_cla_placement": [
        "clap_cla_placement_id,clap_cla_id,clap_cla_placement_start_date,clap_cla_placement_type,"
        "clap_cla_placement_provider,clap_cla_placement_end_date",
        "a,k1,2020-05-01,U6,PR1,2021-06-10",
        "b,k1,2021-06-10,U3 - relative,PR1,",
        "c,k2,2021-03-01,K2,PR4,2021-04-01",
        "d,k2,2021-04-01,T0,,2021-04-08",
        "e,k2,2021-04-08,K2,PR4,2021-05-01",
        "f,k2,2021-05-01,K3,PR4,",
        "g,k3,2021-03-01,K2,PR4,",
        "h,k9,2021-03-01,K2,PR4,",
    ],
    "ssd_cla_reviews": [
        "clar_cla_review_id,clar_cla_id,clar_cla_review_due_date,clar_cla_review_date,"
        "clar_cla_review_cancelled",
        "r1,k1,2021-01-01,2021-01-20,N", "r2,k2,2021-09-01,,Y", "r3,k2,2021-10-01,,",
    ],
    "ssd_involvements": [
        "invo_involvements_id,invo_professional_id,invo_professional_role_id,invo_person_id,"
        "invo_involvement_start_date,invo_involvement_end_date",
        "i1,w1,Allocated Case Worker,p1,2020-05-01,2021-05-01",
        "i2,w1,Allocated Case Worker,p2,2021-03-01,2021-09-01",
        "i3,w2,Independent Reviewing Officer,p1,2020-05-01,",
        "i4,w3,Allocated Case Worker,p1,2021-05-01,",
    ],
    "ssd_professionals": [
        "prof_professional_id,prof_professional_name,prof_full_time_equivalency",
        "w1,A Name,1.0", "w2,B Name,1.0", "w3,C Name,0.8",
    ],
}  # fmt: skip


def dataset(folder: Path, **changes: list[str] | None) -> Path:
    for name, lines in {**TABLES, **changes}.items():
        if lines is not None:
            (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def read(folder: Path) -> CaseList:
    return read_case_list(folder, until=date(2022, 1, 1))


def said(cases: CaseList) -> list[tuple[int, str, str, str | None]]:
    s = cases.spells
    return [
        (int(c), s.stairs[k], str(a), None if np.isnat(e) else str(e))
        for c, k, a, e in zip(s.child, s.stair, s.start, s.end, strict=True)
    ]


STAYS = [
    (0, "foster_care", "2020-05-01", "2021-06-10"),
    (0, "network_care", "2021-06-10", None),
    (1, "residential_care", "2021-03-01", "2021-05-01"),  # with the temporary move and the return from it
    (1, "own_room", "2021-05-01", None),
]


def test_placements_are_stays(tmp_path: Path) -> None:
    cases = read(dataset(tmp_path))
    assert said(cases) == STAYS
    assert cases.spells.birth.tolist() == [date(2012, 6, 5), date(2009, 2, 1)]
    assert {r.key: len(x) for r, x in cases.quality[0].by_reason.items()} == {
        "same_stay": 2, "no_birth": 1, "no_child": 1,
    }  # fmt: skip


def test_reviews_are_follow_ups_and_involvements_cases(tmp_path: Path) -> None:
    cases = read(dataset(tmp_path))
    assert cases.follow_ups is not None and cases.cases is not None and cases.workers is not None
    assert cases.follow_ups.child.tolist() == [0, 1]
    assert cases.follow_ups.held.tolist() == [date(2021, 1, 20), None]
    assert cases.cases.child.tolist() == [0, 1, 0]
    assert cases.workers.fte.tolist() == [1.0, 0.8]
    assert cases.workers.start.tolist() == [date(2020, 5, 1), date(2021, 5, 1)]
    assert cases.workers.end.tolist() == [date(2021, 9, 1), None]
    assert cases.cases.worker.tolist() == cases.workers.worker[[0, 0, 1]].tolist()
    told = [{r.key: len(x) for r, x in q.by_reason.items()} for q in cases.quality[1:]]
    assert told == [{"cancelled": 1}, {"other_role": 1}, {"no_date": 1}]


def test_a_workbook_may_hold_the_dataset(tmp_path: Path) -> None:
    sheets = {name: [line.split(",") for line in lines] for name, lines in TABLES.items()}
    save(tmp_path, extract=workbook(sheets))
    assert said(read(tmp_path)) == STAYS


def test_placements_may_name_the_person_themselves(tmp_path: Path) -> None:
    lines = [line.replace("clap_cla_id", "clap_person_id").replace(",k", ",p") for line in
             TABLES["ssd_cla_placement"]]  # fmt: skip
    assert said(read(dataset(tmp_path, ssd_cla_placement=lines, ssd_cla_episodes=None))) == STAYS


def test_without_roles_every_involvement_counts(tmp_path: Path) -> None:
    lines = [line.replace("Allocated Case Worker", "Team 1") for line in TABLES["ssd_involvements"]]
    cases = read(dataset(tmp_path, ssd_involvements=lines))
    assert cases.workers is not None and len(cases.workers.worker) == 3


@pytest.mark.parametrize("missing", ["ssd_person", "ssd_cla_episodes"])
def test_what_is_missing_is_named(tmp_path: Path, missing: str) -> None:
    dataset(tmp_path, **{missing: None})
    with pytest.raises(CaseListError, match=missing):
        read(tmp_path)


@pytest.mark.parametrize("name", TABLES)
def test_a_field_that_is_missing_is_named(tmp_path: Path, name: str) -> None:
    header = TABLES[name][0].split(",")
    dataset(tmp_path, **{name: [",".join("x" + field for field in header), *TABLES[name][1:]]})
    with pytest.raises(CaseListError, match=rf"{name}\.csv.*"):
        read(tmp_path)
