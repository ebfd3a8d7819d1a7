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


def one_return(folder: Path, *rows: str) -> CaseList:
    (folder / "episodes.csv").write_text(EPISODES + "".join(rows), "utf-8")
    (folder / "header.csv").write_text(HEADER, "utf-8")
    return read(folder)


def stays(cases: CaseList) -> list[tuple[str, str, str | None]]:
    s = cases.spells
    return [
        (s.stairs[k], str(a), None if np.isnat(e) else str(e))
        for k, a, e in zip(s.stair, s.start, s.end, strict=True)
    ]


@pytest.mark.parametrize("moves", [("T0",), ("T1", "T4")])
def test_a_temporary_move_interrupts_no_placement(tmp_path: Path, moves: tuple[str, ...]) -> None:
    """The child is back on the same stair: one stay. Left out, it would leave care and enter again."""
    days = ["01/05/2020", *(f"{10 + i}/06/2020" for i in range(len(moves) + 1)), "01/09/2020"]
    places = ["U6", *moves, "U6"]
    rows = [episode(1, a, "P", p, b) for a, p, b in zip(days[:-1], places, days[1:], strict=True)]
    cases = one_return(tmp_path, *rows, episode(1, "01/09/2020", "P", "U6"))
    assert stays(cases) == [
        ("foster_care", "2020-05-01", "2020-09-01"), ("foster_care", "2020-09-01", None)
    ]  # fmt: skip
    assert {r.key: len(x) for r, x in cases.quality[0].by_reason.items()} == {"same_stay": len(moves) + 1}


def test_a_temporary_move_to_another_placement_is_a_move(tmp_path: Path) -> None:
    cases = one_return(
        tmp_path,
        episode(1, "01/05/2020", "S", "U6", "10/06/2020"),
        episode(1, "10/06/2020", "P", "T4", "12/06/2020"),
        episode(1, "12/06/2020", "P", "K2"),
    )
    assert stays(cases) == [
        ("foster_care", "2020-05-01", "2020-06-12"), ("residential_care", "2020-06-12", None)
    ]  # fmt: skip


def test_short_breaks_are_no_placements(tmp_path: Path) -> None:
    """V3 and V4 are legal statuses, not placements: the row says U6."""
    short = [episode(1, f"0{i}/05/2020", "S", "U6", f"0{i + 1}/05/2020") for i in (1, 3)]
    rows = [
        short[0].replace("C2", "V3"),
        short[1].replace("C2", "V4"),
        episode(2, "01/05/2020", "S", "K3"),
    ]
    cases = one_return(tmp_path, *rows)
    assert stays(cases) == [("own_room", "2020-05-01", None)]
    assert [r.key for r in cases.quality[0].by_reason] == ["short_break"]


def test_a_names_file_may_say_what_a_code_is(tmp_path: Path) -> None:
    names = tmp_path / "names.toml"
    names.write_text('[stairs]\nZ1 = "residential_care"\nT0 = "foster_care"\nK2 = "-"\n', "utf-8")
    rows = [episode(1, "01/05/2020", "S", c, d) for c, d in (("Z1", "02/05/2020"), ("K2", "03/05/2020"))]
    one_return(tmp_path, *rows, episode(1, "05/05/2020", "S", "T0"))
    cases = read_case_list(tmp_path, until=date(2022, 3, 31), names=names)
    assert [stair for stair, _, _ in stays(cases)] == ["residential_care", "foster_care"]


def test_one_date_that_cannot_be_read_drops_its_row(tmp_path: Path) -> None:
    rows = [episode(1, f"{i:02d}/05/2020", "P", "U6", f"{i + 1:02d}/05/2020") for i in range(1, 20)]
    cases = one_return(tmp_path, *rows, episode(1, "05/31/2020", "P", "U6"))
    assert {r.key: len(x) for r, x in cases.quality[0].by_reason.items()} == {"unreadable_date": 1}


def test_social_workers_episodes_are_another_table(tmp_path: Path) -> None:
    (tmp_path / "SW_Episodes.csv").write_text("CHILD,DOB,SW_ID,SW_DECOM,SW_DEC,SW_REASON\n", "utf-8")
    assert len(one_return(tmp_path, episode(1, "01/05/2020", "S", "U6")).spells) == 1
