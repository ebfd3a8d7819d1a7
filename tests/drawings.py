"""Studies of odd municipalities to draw pictures of, and what is asked of every picture."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from municipalities import LONG, SHORT
from support import MINIMAL, district, scenario

from experiments.business_case import compare
from experiments.results import Study
from simulation.scenario import Scenario

MORE: dict[str, Any] = {"label": "Flere rådgivere", "capacity": {"extra_fte": [1.0]}}
FIND: dict[str, Any] = {"supply": {"network_search": 0.9}}


def study_of(town: Scenario, replicates: int = 50) -> Study:
    return compare(town, replicates=replicates)


def short_staircase() -> Scenario:
    """Return two stairs: help at home, and an institution."""
    entries = {"entry_share": {"residential_care": [1.0] * 4}}
    start = {"preventive": 40, "residential_care": 3}
    return Scenario.model_validate(
        {
            **MINIMAL,
            "staircase": SHORT,
            "children": entries,
            "districts": district(places={}, start=start),
            "policies": {"more": MORE},
        }
    )


def long_staircase() -> Scenario:
    """Return seven stairs of a large town with a long name."""
    helped = [x["key"] for x in LONG if x["kind"] != "hidden"]
    care = [x["key"] for x in LONG if x["kind"] == "care"]
    start = {
        "advice": 1200,
        "family_help": 400,
        "kin": 60,
        "foster": 1100,
        "school": 40,
        "institution": 160,
    }
    places = {"foster": 1200, "school": 60}
    return Scenario.model_validate(
        {
            **MINIMAL,
            "title": "Københavns Kommune, Socialforvaltningens distrikt Nord",
            "months": 13,
            "staircase": LONG,
            "districts": district(inflow=1200.0, caseworkers=[1.0] * 30, places=places, start=start),
            "children": {
                "readiness_rate": dict.fromkeys(helped, 0.5),
                "crisis_rate": dict.fromkeys(helped, 0.1),
                "planned_up": dict.fromkeys(helped[:-1], 0.01),
                "home_share": dict.fromkeys(care, 0.3),
                "entry_share": {"school": [0, 0, 0.1, 0.1], "institution": [0.1, 0.2, 0.3, 0.4]},
            },
            "work": {"weight": dict.fromkeys(helped, 1.0)},
            "money": {"unit_price": dict.fromkeys(helped, 3e5), "price_spread": {}},
            "policies": {"more": MORE},
        }
    )


def without_care() -> Scenario:
    """Return one stair: advice at home."""
    rates = {"readiness_rate": {"advice": 1.0}, "crisis_rate": {"advice": 0.1}, "planned_up": {}}
    return Scenario.model_validate(
        {
            **MINIMAL,
            "staircase": [{"key": "advice", "label": "Rådgivning", "kind": "home"}],
            "children": {**rates, "home_share": {}, "entry_share": {}},
            "work": {"weight": {"advice": 1.0}},
            "money": {"unit_price": {"advice": 3e4}, "price_spread": {}},
            "districts": district(places={}, start={"advice": 20}),
            "policies": {"more": MORE},
        }
    )


STUDIES: dict[str, Callable[[], Study]] = {
    "one policy": lambda: study_of(scenario(months=24, policies={"more": MORE})),
    "nine policies": lambda: compare("fano", replicates=50),
    "one year": lambda: study_of(scenario(months=12, policies={"more": MORE, "find": FIND})),
    "seven months": lambda: study_of(scenario(months=7, policies={"more": MORE})),
    "thirty years": lambda: study_of(scenario(months=360, policies={"more": MORE}), 20),
    "one history": lambda: study_of(scenario(months=24, policies={"more": MORE}), 1),
    "a short staircase": lambda: study_of(short_staircase()),
    "a long staircase": lambda: study_of(long_staircase(), 5),
    "no care": lambda: study_of(without_care()),
}


ENGLISH = re.compile(
    r"\b(histories|history|band|year|years|month|months|the|of|and|children|child|net|saving|caseworker)\b"
)
"""Words that no Danish picture has."""


def english_words(figure: Figure) -> list[str]:
    """Return the English words on a figure, which a Danish one must not have."""
    said = (t.get_text().lower() for t in figure.findobj(Text) if t.get_visible())
    return ENGLISH.findall("\n".join(said))


def texts(ax: Axes) -> list[Text]:
    """Return every text on an axes that can be seen."""
    return [t for t in ax.findobj(Text) if t.get_text().strip() and t.get_visible()]


def words(ax: Axes) -> str:
    return "\n".join(t.get_text() for t in texts(ax))


def drawn(figure: Figure) -> Any:
    FigureCanvasAgg(figure).draw()
    return figure.canvas.get_renderer()  # type: ignore[attr-defined]


def beyond_the_ends(ax: Axes) -> set[int]:
    """Return the ids of the tick labels that matplotlib keeps beyond the end of their axis."""
    return {
        id(label)
        for axis, limits, i in ((ax.xaxis, ax.get_xlim(), 0), (ax.yaxis, ax.get_ylim(), 1))
        for label in axis.get_ticklabels()
        if not min(limits) <= label.get_position()[i] <= max(limits)
    }


def shrunk(box: Bbox) -> Bbox:
    """Return a box without the pixel around it that fonts leave empty."""
    return Bbox.from_extents(box.x0 + 1, box.y0 + 1, box.x1 - 1, box.y1 - 1)


def seen(figure: Figure) -> list[tuple[Text, Bbox]]:
    """Return the texts of a figure that can be seen, and where they are on the drawn page."""
    renderer = drawn(figure)
    hidden = {found for ax in figure.axes for found in beyond_the_ends(ax)}
    shown = [t for t in figure.findobj(Text) if t.get_text().strip() and t.get_visible()]
    return [
        (text, Text.get_window_extent(text, renderer))  # without the arrow of an annotation
        for text in shown
        if id(text) not in hidden
    ]


def cut_off(figure: Figure) -> list[Text]:
    """Return the texts that reach beyond the page."""
    return cut_off_of(seen(figure), figure)


def covered(figure: Figure) -> list[tuple[Text, Text]]:
    """Return pairs of texts that cover one another."""
    return covered_of(seen(figure))


def faults(figure: Figure) -> tuple[list[Text], list[tuple[Text, Text]]]:
    """Return the texts that are cut off, and the pairs that cover one another."""
    boxes = seen(figure)
    return cut_off_of(boxes, figure), covered_of(boxes)


def cut_off_of(boxes: list[tuple[Text, Bbox]], figure: Figure) -> list[Text]:
    page = figure.bbox
    return [
        text
        for text, box in boxes
        if box.x0 < page.x0 - 1 or box.x1 > page.x1 + 1 or box.y0 < page.y0 - 1 or box.y1 > page.y1 + 1
    ]


def covered_of(seen_at: list[tuple[Text, Bbox]]) -> list[tuple[Text, Text]]:
    boxes = [(text, shrunk(box)) for text, box in seen_at]
    return [(one, other) for (one, a), (other, b) in combinations(boxes, 2) if a.overlaps(b)]
