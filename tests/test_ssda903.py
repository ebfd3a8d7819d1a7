"""The English return: several years of header and episodes become one list of stays."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from experiments.caselist.reading import CaseList, read_case_list
from experiments.caselist.reading_problems import CaseListError

EPISODES = (
    "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN\n"
)
HEADER = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n1,1,05/06/2012,WBRI,A,,\n2,2,01/02/2009,WBRI,B,,\n"


def episode(child: int, start: str, why: str, place: str, end: str = "") -> str:
    return f"{child},{start},{why},C2,N1,{place},PR1,{end},{'X1' if end else ''},,AB1,AB2,\n"


YEARS = {
    "2021": [
        episode(1, "01/05/2020", "S", "U6", "01/09/2020"),
        episode(1, "01/09/2020", "L", "U6"),
        episode(2, "01/03/2021", "S", "K2"),
    ],
    "2022": [
        episode(1, "01/09/2020", "L", "U6", "10/06/2021"),
        episode(1, "10/06/2021", "P", "U3"),
        episode(2, "01/03/2021", "S", "K2", "01/04/2021"),
        episode(2, "01/04/2021", "P", "K2"),
        episode(2, "05/05/2021", "P", "T0", "06/05/2021"),
        episode(3, "05/05/2021", "S", "U1"),
        episode(2, "06/05/2021", "P", "Z1", "07/05/2021"),
    ],
}


def returns(folder: Path) -> Path:
    for year, rows in YEARS.items():
        (folder / year).mkdir()
        (folder / year / f"SSDA903_{year}_Episodes.csv").write_text(EPISODES + "".join(rows), "utf-8")
        (folder / year / "header.csv").write_text(HEADER, "utf-8-sig")
    return folder


def read(folder: Path) -> CaseList:
    return read_case_list(folder, until=date(2022, 3, 31))


def test_returns_of_several_years_are_one_list(tmp_path: Path) -> None:
    cases = read(returns(tmp_path))
    s = cases.spells
    said = [
        (int(c), s.stairs[k], str(a), None if np.isnat(e) else str(e))
        for c, k, a, e in zip(s.child, s.stair, s.start, s.end, strict=True)
    ]
    assert said == [
        (0, "foster_care", "2020-05-01", "2021-06-10"),
        (0, "network_care", "2021-06-10", None),
        (1, "residential_care", "2021-03-01", "2021-04-01"),
        (1, "residential_care", "2021-04-01", None),
    ]
    assert s.birth.tolist() == [date(2012, 6, 5), date(2009, 2, 1)]
    assert {r.key: len(x) for r, x in cases.quality[0].by_reason.items()} == {
        "repeated_open": 2, "same_stay": 1, "temporary_move": 1, "unknown_stair": 1, "no_birth": 1,
    }  # fmt: skip


def test_a_merged_return_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "Episodes.csv").write_text(EPISODES + "".join(YEARS["2022"]), "utf-8")
    (tmp_path / "Header.csv").write_text(HEADER, "utf-8")
    assert len(read(tmp_path).spells) == 4


def test_rows_are_named_with_their_year(tmp_path: Path) -> None:
    quality = read(returns(tmp_path)).quality[0]
    assert {place.file for place in quality.places} == {
        "2021/SSDA903_2021_Episodes.csv",
        "2022/SSDA903_2022_Episodes.csv",
    }


def test_what_is_wrong_with_a_return(tmp_path: Path) -> None:
    folder = returns(tmp_path)
    (folder / "2022" / "header.csv").write_text(HEADER.replace("01/02/2009", "02/31/2009"), "utf-8")
    with pytest.raises(CaseListError, match=r"2022/header\.csv, row 3, column DOB.*'00/00/0000'"):
        read(folder)
    (folder / "2022" / "header.csv").unlink()
    with pytest.raises(CaseListError, match="no header file"):
        read(folder)
