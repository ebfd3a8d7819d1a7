"""Attribution in words, in the table, for machines, as a picture and at the command line."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from causes import PERVERSE, made_up, town
from command import Trappe, command_in
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from rich.console import Console

from experiments import plots_attribution
from experiments.attribution import Attribution, attribute, default_folder
from experiments.business_case import millions
from experiments.combinations import question
from experiments.plots import as_png
from experiments.results import Study
from experiments.runner import Plan
from experiments.schema_attribution import AttributionResult, as_json, schema_text
from experiments.tables import PLAIN_WIDTH
from experiments.tables_attribution import attribution_table, print_attribution, sentences, signed
from simulation.policy import CAUSES
from simulation.reading import find_scenario

REPLICATES = 100


@pytest.fixture(scope="module")
def found() -> Attribution:
    return attribute(town(policies={"perverse": PERVERSE}), replicates=REPLICATES)


# --- in words ------------------------------------------------------------------------------------


def test_a_saving_in_words() -> None:
    worth = {"capacity": -3e6, "reviews": 1e6, "practice": 2e6, "supply": 2.5e6, "capacity+reviews": 4e6}
    said = sentences(made_up(worth))
    assert said == [
        "The whole of bundle saves Lilleby 6.5 m DKK over 18 months (mean of 2 histories, give or take "
        "0.8 m), made up of reviews +3.0 m, supply +2.5 m, practice +2.0 m and capacity -1.0 m.",
        "Each of these is a Shapley share: what the cause adds, on average over the orders in which the "
        "causes could be introduced. Introduced alone, capacity is worth -3.0 m, introduced last +1.0 m.",
        "The effect of the whole is not the effect of the caseload: only capacity adds caseworkers, and "
        "its share, with what they cost, is -1.0 m. Together with reviews, and nothing else, it is worth "
        "+4.0 m (give or take 0.0 m) more than the two are worth alone.",
        "In the null world, where it is paid for and changes nothing for any child, the whole costs "
        "4.0 m DKK.",
    ]


def test_a_cost_in_words() -> None:
    worth = {"capacity": -3e6, "reviews": -1e6, "practice": 0.0, "supply": 2.5e6}
    first = sentences(made_up(worth))[0]
    assert first.startswith("The whole of bundle costs Lilleby 1.5 m DKK over 18 months")
    assert "supply +2.5 m, practice 0.0 m, reviews -1.0 m and capacity -3.0 m." in first


@pytest.mark.parametrize("total", [0.0, 7e5, -7e5])
def test_a_whole_near_nothing_is_said_to_be_so_and_causes_stay_in_kroner(total: float) -> None:
    """The mean of the two histories is known to 0.8 m."""
    worth = {"capacity": -3e6, "reviews": 1e6, "practice": 2e6, "supply": total}
    found = made_up(worth)
    said = " ".join(sentences(found))
    assert "give or take 0.8 m: not to be told from nothing)" in said
    assert "practice +2.0 m" in said and "capacity -3.0 m" in said


def test_nothing_is_ever_a_percentage(found: Attribution, capsys: pytest.CaptureFixture[str]) -> None:
    print_attribution(found)
    out = capsys.readouterr().out
    assert "%" not in out.replace("90 %", "") and "per cent" not in out
    assert not any("%" in s for s in sentences(made_up(dict.fromkeys(CAUSES, 0.0))))


def test_causes_that_are_not_changed_are_named_as_such() -> None:
    said = sentences(made_up({"capacity": -1e6, "practice": 3e6}, ("capacity", "practice")))
    assert said[0].endswith(
        "made up of practice +3.0 m and capacity -1.0 m; reviews and supply are as today."
    )
    assert said[2].endswith("its share, with what they cost, is -1.0 m.")


def test_a_policy_without_new_caseworkers_says_that_it_has_none() -> None:
    worth = {"reviews": 1e6, "practice": 2e6, "supply": 0.0}
    said = sentences(made_up(worth, ("reviews", "practice", "supply")))
    assert said[0].endswith("practice +2.0 m, reviews +1.0 m and supply 0.0 m; capacity is as today.")
    assert "Introduced alone, reviews is worth +1.0 m" in said[1]
    assert said[2] == "The policy adds no caseworkers, so none of this is an effect of the caseload."
    assert said[3].endswith("the whole saves nothing.")


def test_a_policy_of_one_cause_shares_nothing_out() -> None:
    said = sentences(made_up({"capacity": -1e6}, ("capacity",)))
    assert "made up of capacity -1.0 m; reviews, practice and supply are as today." in said[0]
    assert said[1] == "It changes capacity only, so there is nothing to share out."
    assert said[2] == (
        "Capacity stands for more caseworkers with what they cost, not for the caseload by itself."
    )
    assert "no caseworkers" in sentences(made_up({"practice": 1e6}, ("practice",)))[2]


def test_the_effect_of_the_whole_is_never_called_the_caseloads(found: Attribution) -> None:
    for said in (sentences(found), sentences(made_up(dict.fromkeys(CAUSES, 1e6)))):
        about = [s for s in said if "caseload" in s]
        assert len(about) == 1
        assert about[0].startswith("The effect of the whole is not the effect of the caseload")


def test_both_bad_worlds_are_told(found: Attribution) -> None:
    null, perverse = (found.world(w, "net_saving").mean() / 1e6 for w in ("null", "perverse"))
    assert null < 0
    verb = "costs" if perverse < 0 else "saves"
    assert sentences(found)[3].endswith(
        f"the whole costs {-null:.1f} m DKK; in the perverse world it {verb} {abs(perverse):.1f} m DKK."
    )


@pytest.mark.parametrize(
    ("dkk", "words"), [(2.06e6, "+2.1 m"), (-2.06e6, "-2.1 m"), (4e4, "0.0 m"), (-4e4, "0.0 m")]
)
def test_a_share_in_words(dkk: float, words: str) -> None:
    assert signed(dkk) == words


def printed(found: Attribution, width: int) -> list[str]:
    console = Console(width=width, file=io.StringIO(), highlight=False)
    console.print(attribution_table(found, narrow=width < PLAIN_WIDTH))
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


def test_the_table_has_causes_then_the_whole_then_the_worlds(found: Attribution) -> None:
    lines = printed(found, PLAIN_WIDTH)
    assert lines[0].strip() == "Lilleby: bundle, cause by cause"
    rows = [line.split()[0] for line in lines if line and not line.startswith(" ")][2:]
    assert rows == [*CAUSES, "whole", "null", "perverse"]
    share = found.study.estimate(found.shares("net_saving")["reviews"])
    by = found.measures("net_saving")
    row = next(line for line in lines if line.startswith("reviews"))  # share (low to high) alone last
    assert f"{millions(share.mean)} ({millions(share.low)} to {millions(share.high)})" in row
    first, final = (millions(by["reviews", m].mean()) for m in ("alone", "last"))
    assert row.split()[5:7] == [first, final]
    assert f"{found.whole('care_months_avoided').mean():.0f} (" in next(
        line for line in lines if line.startswith("whole")
    )


@pytest.mark.parametrize("width", [72, 80, 100, 118, 200])
def test_no_number_is_cut_on_a_narrow_terminal(found: Attribution, width: int) -> None:
    lines = printed(found, width)
    assert max(map(len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    assert "\N{HORIZONTAL ELLIPSIS}" not in text
    for values in found.shares("care_months_avoided").values():
        e = found.study.estimate(values)
        assert f"({e.low:.0f} to {e.high:.0f})".replace("(-0 ", "(0 ").replace(" -0)", " 0)") in text


# --- for machines --------------------------------------------------------------------------------

SCHEMA = Path(__file__).parents[1] / "docs" / "attribute.schema.json"


def test_json_follows_the_schema_and_says_what_the_tables_say(found: Attribution) -> None:
    read = AttributionResult.model_validate_json(as_json(found))
    assert read.sentences == sentences(found)
    assert (read.policy, read.replicates, read.months) == ("bundle", REPLICATES, 18)
    for told, rows in ((read.attribution, found.rows()), (read.combinations, found.combination_rows())):
        assert len(told) == len(rows)
        for one, row in zip(told, rows, strict=True):
            assert one.model_dump() == {k: row[k] for k in type(one).model_fields}


def test_what_is_not_defined_is_null_in_json() -> None:
    """One history has no error of the mean."""
    single = attribute(town(), replicates=1)
    read = json.loads(as_json(single))
    assert all(row["mean_error"] is None for row in read["attribution"])


def test_the_schema_in_the_documents_is_current() -> None:
    """python -c 'from experiments.schema_attribution import *; print(schema_text(), end="")'."""
    assert SCHEMA.read_text("utf-8") == schema_text()


# --- the picture ---------------------------------------------------------------------------------


def test_the_picture_shows_the_shares_the_whole_and_the_worlds(found: Attribution) -> None:
    for gain, (unit, _) in plots_attribution.SHOWN.items():
        ax = plots_attribution.plot_attribution(found, gain)
        values = [*found.shares(gain).values(), found.whole(gain)]
        values += [found.world(world, gain) for world in ("null", "perverse")]
        in_order = sorted(CAUSES, key=CAUSES.index)
        values[:4] = [found.shares(gain)[cause] for cause in in_order]
        strips, bars = ax.patches[::2], ax.patches[1::2]
        assert [bar.get_width() for bar in bars] == pytest.approx([v.mean() / unit for v in values])
        for strip, v in zip(strips, values, strict=True):
            low, high = np.quantile(v / unit, [0.05, 0.95])
            assert [strip.get_x(), strip.get_width()] == pytest.approx([low, high - low])
        heights = [bar.get_y() for bar in bars]
        assert heights == sorted(heights, reverse=True)
        names = [tick.get_text().split("\n") for tick in ax.get_yticklabels()]
        assert [said[-1].strip("()") for said in names[:4]] == in_order
        assert [said[0] for said in names[4:]] == ["The whole", "The whole,", "The whole,"]


def test_the_picture_tells_its_looks_apart_without_colour() -> None:
    """Relative luminance of the fills, 0 to 1, or a hatch."""
    looks = [plots_attribution.CAUSE, plots_attribution.WHOLE, plots_attribution.WORLD]
    weights = np.array([0.2126, 0.7152, 0.0722])
    strip = float(np.dot(to_rgb(plots_attribution.LIGHT), weights))
    plain = [float(np.dot(to_rgb(color), weights)) for color, hatch in looks if not hatch]
    assert all(strip - shade > 0.15 for shade in plain)
    assert sum(bool(hatch) for _, hatch in looks) == 1


@pytest.mark.parametrize("title", ["Lilleby", "Københavns Kommune, Socialforvaltningens distrikt Nord"])
def test_nothing_of_the_picture_is_cut_or_covered(found: Attribution, title: str) -> None:
    named = found.study.plan.scenario.model_copy(update={"title": title})
    plan = Plan(named, found.study.plan.policies)
    label = "Sverigesmodellen med alt hvad dertil hører, fra første dag"
    asked = replace(found.question, scenario=named, label=label)
    figure = plots_attribution.attribution(Attribution(asked, Study(plan, found.study.arms)))
    as_png(figure, dpi=60)  # settles the layout
    FigureCanvasAgg(figure).draw()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    shown = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
    boxes = [(t, t.get_window_extent(renderer)) for t in shown if not beyond_the_axis(t, figure)]
    page = figure.bbox
    assert len(boxes) > 30
    for text, box in boxes:
        inside = box.x0 >= page.x0 - 1 and box.x1 <= page.x1 + 1
        assert inside and box.y0 >= page.y0 - 1 and box.y1 <= page.y1 + 1, text
    for (one, a), (other, b) in combinations(boxes, 2):
        assert not a.padded(-1).overlaps(b.padded(-1)), (one, other)


def beyond_the_axis(text: Text, figure: Figure) -> bool:
    """Return whether a text is a tick label that matplotlib keeps beyond the end of its axis."""
    for ax in figure.axes:
        if text in ax.get_xticklabels():
            return not ax.get_xlim()[0] <= text.get_position()[0] <= ax.get_xlim()[1]
    return False


def test_the_picture_is_the_same_bytes_every_time() -> None:
    found = made_up({"capacity": -1e6, "practice": 3e6}, ("capacity", "practice"))
    first, second = (as_png(plots_attribution.attribution(found), dpi=30) for _ in range(2))
    assert first == second and first.startswith(b"\x89PNG")


def test_a_picture_can_be_drawn_where_nothing_happens() -> None:
    as_png(plots_attribution.attribution(made_up(dict.fromkeys(CAUSES, 0.0))), dpi=50)


# --- the command ---------------------------------------------------------------------------------

TOWN = """
name = "town"
title = "Ærø [/by] :house:"
start = 2016-01-01
months = 12
price_year = 2019

[[districts]]
inflow = 20
caseworkers = [1.0]
places = { foster_care = 8 }
start = { preventive = 10, network_care = 2, foster_care = 6, residential_care = 4 }

[policies.find]
supply = { network_search = 0.6 }

[policies.both]
capacity = { extra_fte = [0.5] }
reviews = { first = 3, later = 3 }
"""


@pytest.fixture
def trappe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Trappe:
    """The command, where town.toml is."""
    return command_in(monkeypatch, capsys, tmp_path, {"town.toml": TOWN})


def test_the_command_prints_table_and_sentences_and_writes_its_files(
    trappe: Trappe, tmp_path: Path
) -> None:
    said = trappe("attribute", "town.toml", "--replicates", 100, "--out", "study")
    assert (said.code, said.err) == (0, "Results: study\n")
    assert said.out.startswith("Ærø [/by] :house:: both, cause by cause")
    text = " ".join(said.out.split())
    for sentence in sentences(attribute("town.toml", replicates=100)):
        assert sentence in text
    assert "what 90 of 100 histories lie between: chance only" in text
    assert "Effect sizes are inputs with grades, not findings" in text
    files = {path.name for path in (tmp_path / "study").iterdir()}
    assert {"attribution.csv", "combinations.csv", "attribution.png", "manifest.json"} <= files
    assert (tmp_path / "study" / "attribution.png").read_bytes().startswith(b"\x89PNG")


def test_the_command_takes_a_policy_a_seed_and_workers(trappe: Trappe) -> None:
    options = ("--policy", "find", "--seed", 7, "--workers", 1, "--replicates", 20)
    said = trappe("attribute", "town.toml", *options, "--json")
    assert (said.code, said.err) == (0, "")
    found = attribute("town.toml", "find", replicates=20, seed=7)
    assert said.out == as_json(found) + "\n"


def test_the_command_has_a_folder_of_its_own_and_prints_the_same_again(
    trappe: Trappe, tmp_path: Path
) -> None:
    options = ("attribute", "town.toml", "--policy", "find", "--replicates", 2)
    one = trappe(*options)
    assert trappe(*options) == one
    folder = default_folder(question(find_scenario("town.toml"), "find"), 1)
    assert one.err == f"Results: {folder}\n"
    assert [path.name for path in (tmp_path / "results").iterdir()] == [folder.name]


def test_the_command_has_help(trappe: Trappe) -> None:
    said = trappe("attribute", "--help")
    assert said.code == 0 and "Usage: trappe attribute" in said.out
    words = " ".join(said.out.replace("│", " ").split())
    assert "first that changes two causes or more" in words
    assert all(f"--{o} " in words for o in ("policy", "replicates", "seed", "workers", "out", "json"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("town.toml", "--policy", "bot"), "no policy 'bot' (did you mean 'both'?)"),
        (("alone.toml",), "no policy that changes two causes or more"),
        (("fanoo",), "no scenario 'fanoo'; did you mean 'fano'?"),
        (("town.toml", "--replicates", 1), "'--replicates'"),
        (("town.toml", "--seed", -1), "'--seed'"),
        (("town.toml", "--out", "town.toml"), "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said_in_words_on_stderr(
    trappe: Trappe, tmp_path: Path, arguments: tuple[object, ...], words: str
) -> None:
    (tmp_path / "alone.toml").write_text(TOWN.split("[policies.both]")[0], "utf-8")
    said = trappe("attribute", *arguments)
    assert (said.code, said.out) == (2, "")
    assert words in said.err and "Traceback" not in said.err
