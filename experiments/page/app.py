"""The page itself, in Solara: sliders, figures, and a history month by month. No arithmetic here."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from typing import Any

import reacton.ipyvuetify as v
import solara
from solara.lab import use_task

from experiments.page import figures, sentences
from experiments.page.figures import both_widths
from experiments.page.live import OutdatedError
from experiments.page.pieces import SHOWN, escaped, html, paragraph, part, use_shown
from experiments.page.saving import as_toml, file_name
from experiments.page.shown import Shown, what_is_shown
from experiments.page.state import (
    Chosen,
    Slider,
    can_be_saved,
    is_changed,
    moved,
    without_effect,
)
from experiments.page.walk_page import WalkPage
from experiments.words import Language, place, policy_name, text
from simulation.shipped import shipped_scenarios

DEBOUNCE = 0.02
"""Seconds that a slider must rest before its answer is worked out."""

REST = 0.3
"""Seconds that the quick answer stands before anything else is begun."""

NOTHING: Any = None
"""No answer yet."""

STYLE = resources.files("experiments.page").joinpath("page.css").read_text("utf-8")


@solara.component
def Page() -> None:  # noqa: N802
    """Show the whole page."""
    language, set_language = solara.use_state(what_is_shown().language)
    shown = replace(what_is_shown(), language=language)
    SHOWN.provide(shown)
    board = shown.board
    chosen, set_chosen = solara.use_state(board.start)
    answer, set_answer = solara.use_state(NOTHING)
    working = use_answer(shown, chosen, set_answer)
    title = text("page.title", language, municipality=place(board.scenario, language))
    solara.Title(title)
    solara.Style(STYLE)
    with part("trappe", lang=language):
        with part("trappe-top"):
            html(f"<h1>{escaped(title)}</h1>")
            LanguageButton(set_language)
        began = policy_name(board.scenario, board.policy_name, language)
        paragraph(text("page.intro", language, policy=began))
        for said in sentences.about(shown.given, language):
            paragraph(said)
        with part("trappe-third"):
            with part("trappe-sliders"):
                for slider in (s for s in board.sliders if len(s.values) > 1):
                    SliderRow(slider, chosen, set_chosen)
                Buttons(chosen, set_chosen)
                paragraph(sentences.rest_of_policy(board, language), "trappe-small")
                paragraph(text("page.sure", language), "trappe-small")
            with part("trappe-answers"):
                Answers(answer, working, chosen)
        WalkPage(shown, chosen)
        Limits()


def use_answer(shown: Shown, chosen: Chosen, show: Callable[[Any], None]) -> Any:
    """Work out the answer to where the sliders stand: quickly, and then with all histories.

    Between the two, and afterwards, what the next step of a slider would give. Returns Solara's task;
    what a slider has moved away from is given up.
    """
    latest, before = solara.use_ref(chosen), solara.use_ref(chosen)
    latest.current = chosen
    solara.use_effect(lambda: lambda: setattr(latest, "current", None), [])  # when the tab is closed

    def wanted() -> bool:
        return latest.current == chosen

    async def shown_answer(whole: bool) -> None:
        began = time.perf_counter()
        answer = await asyncio.to_thread(shown.live.answer, chosen, whole, wanted)
        if wanted():
            show((answer, time.perf_counter() - began))

    async def work() -> None:
        sliders = shown.board.sliders
        touched = [s for s in sliders if getattr(chosen, s.name) != getattr(before.current, s.name)]
        before.current = chosen
        await asyncio.sleep(DEBOUNCE)
        try:
            await shown_answer(whole=False)
            await asyncio.sleep(REST)
            await asyncio.to_thread(shown.live.ahead, chosen, touched, wanted)
            await shown_answer(whole=True)
            await asyncio.to_thread(shown.live.ahead, chosen, sliders, wanted)
        except OutdatedError:
            return

    return use_task(work, dependencies=[chosen], raise_error=False)


@solara.component
def LanguageButton(on_language: Callable[[Language], None]) -> None:  # noqa: N802
    """Show the button that puts the page into the other language; the sliders stay where they are."""
    language = use_shown().language
    other: Language = "en" if language == "da" else "da"
    solara.Button(
        text("page.this_language", other), text=True, small=True, classes=["language-button"],
        attributes={"lang": other}, on_click=lambda: on_language(other),
    )  # fmt: skip


@solara.component
def SliderRow(slider: Slider, chosen: Chosen, on_chosen: Callable[[Chosen], None]) -> None:  # noqa: N802
    """Show a slider with what it moves and where it stands."""
    shown = use_shown()
    value = getattr(chosen, slider.name)
    label = sentences.slider_label(slider, shown.board, shown.language)
    said = sentences.slider_value(slider, value, shown.language)
    with part("trappe-row"):
        html(
            f'<div class="trappe-slider"><span>{escaped(label)}</span><b>{escaped(said)}</b></div>',
        )
        v.Slider(
            v_model=slider.position(value), min=0, max=len(slider.values) - 1, step=1, dense=True,
            hide_details=True, ticks="always", color="#0072B2", class_=f"slider-{slider.name}",
            attributes={"aria-label": label},
            on_v_model=lambda position: on_chosen(moved(chosen, slider, int(position))),
        )  # fmt: skip


@solara.component
def Buttons(chosen: Chosen, on_chosen: Callable[[Chosen], None]) -> None:  # noqa: N802
    """Show the button "no effect", the way back, and the file to save."""
    shown = use_shown()
    language, board = shown.language, shown.board
    null = text("page.null" if chosen.works else "page.null_off", language)
    file = file_name(shown.given)
    with part("trappe-buttons"):
        solara.Button(
            null, color="#B34700", outlined=chosen.works, dark=not chosen.works, classes=["null-button"],
            on_click=lambda: on_chosen(without_effect(chosen)),
        )  # fmt: skip
        solara.Button(
            text("page.back", language), outlined=True, classes=["back-button"],
            disabled=not is_changed(chosen, board), on_click=lambda: on_chosen(board.start),
        )  # fmt: skip
        if can_be_saved(chosen, board):
            with solara.FileDownload(
                lambda: as_toml(chosen, board, shown.given, text("page.own", language)).encode("utf-8"),
                filename=file, mime_type="application/toml",
            ):  # fmt: skip
                save = text("page.save", language)
                solara.Button(save, outlined=True, classes=["save-button"], block=True)
    if not can_be_saved(chosen, board):
        paragraph(text("page.save_nothing", language), "trappe-small")
    elif shown.given in shipped_scenarios():
        paragraph(text("page.save_help", language, file=file), "trappe-small")
    else:
        beside = text("page.save_beside", language, given=shown.given, file=file)
        paragraph(beside, "trappe-small")


@solara.component
def Answers(answer: Any, working: Any, chosen: Chosen) -> None:  # noqa: N802
    """Show what the sliders give: sentences and two figures."""
    shown = use_shown()
    language, scenario = shown.language, shown.board.scenario
    html(_notes(chosen, working, language))  # always there, so that what follows stays in its place
    if answer is None:
        paragraph(text("page.computing", language))
        return
    given, seconds = answer
    said = sentences.answer_lines(given, scenario, language)
    html("".join(f"<p>{escaped(line)}</p>" for line in said), "trappe-answer")
    html(f"<h2>{escaped(text('page_saving.title', language))}</h2>")
    html(figures.saving_legend(given, language), "trappe-legend")
    html(both_widths(lambda w: figures.saving(given, scenario, language, w)), "saving-figure")
    whole = "is-whole" if given.histories > shown.live.draws and given.chosen == chosen else "is-quick"
    covers = sentences.covers(given, shown.live.draws, seconds, language)
    paragraph(covers, f"trappe-small histories {whole}")
    html(f"<h2>{escaped(figures.staircase_title(scenario, language))}</h2>")
    html(figures.staircase_legend(given, language), "trappe-legend")
    html(both_widths(lambda w: figures.staircase(given, scenario, language, w)), "staircase-figure")
    paragraph(figures.staircase_note(given, language), "trappe-small")


def _notes(chosen: Chosen, working: Any, language: Language) -> str:
    """Return what must be said before the answer: the null world, or why there is none."""
    said: list[str] = []
    if not chosen.works:
        said.append(text("page.null_on", language))
    if working.error:
        said.append(text("page.failed", language, reason=str(working.exception)))
    return "".join(f'<p class="trappe-null">{escaped(line)}</p>' for line in said)


@solara.component
def Limits() -> None:  # noqa: N802
    """Show what the page cannot say."""
    shown = use_shown()
    said = sentences.limits(shown.board.scenario, shown.given, shown.language)
    items = "".join(f"<li>{escaped(line)}</li>" for line in said)
    title = escaped(text("page_limits.title", shown.language))
    html(f"<h2>{title}</h2><ul>{items}</ul>")
