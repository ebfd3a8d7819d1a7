"""The part of the page that follows one history month by month."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import solara
from solara.lab import use_task

from experiments.page import sentences
from experiments.page.pieces import escaped, html, paragraph, part, use_shown
from experiments.page.shown import Shown
from experiments.page.state import Chosen
from experiments.page.walk import Frame, Walk, may_be_walked, walk_of
from experiments.page.walk_figure import legend, walk_figure
from experiments.words import text

NOTHING: Any = None
"""No month seen yet."""

PAUSE = 0.35
"""Seconds that a month stays in the picture."""


@solara.component
def WalkPage(shown: Shown, chosen: Chosen) -> None:  # noqa: N802
    """Show one history in both worlds, with buttons to play it."""
    language = shown.language
    html(f"<h2>{escaped(text('page_walk.title', language))}</h2>")
    if not may_be_walked(shown.board.scenario):
        paragraph(text("page_walk.hidden", language))
        return
    paragraph(sentences.walk_intro(shown.board.scenario, language))
    WalkControls(chosen)


@solara.component
def WalkControls(chosen: Chosen) -> None:  # noqa: N802
    """Show the buttons and both pictures of a history."""
    shown = use_shown()
    language = shown.language
    playing, set_playing = solara.use_state(False)
    followed, set_followed = solara.use_state((chosen, 0, 0))  # history, and which time
    walk: Walk = solara.use_memo(lambda: walk_of(followed[0], shown.board, followed[1]), [followed])
    seen, set_seen = solara.use_state(NOTHING)
    first: Frame = solara.use_memo(walk.frame, [walk])
    frame: Frame = seen[1] if seen is not None and seen[0] is walk else first

    async def month() -> None:
        await asyncio.to_thread(walk.step)
        set_seen((walk, walk.frame()))

    def follow(of: Chosen, replicate: int) -> None:
        set_playing(False)
        set_seen(None)
        walk.release()
        set_followed((of, replicate, followed[2] + 1))

    use_play(playing, walk, month, set_playing)
    step = use_task(month, dependencies=None, raise_error=False)
    with solara.Row(gap="8px", style="flex-wrap: wrap; align-items: center"):
        play = text("page_walk.pause" if playing else "page_walk.play", language)
        button(play, "play-button", lambda: set_playing(not playing), frame.is_last)
        button(text("page_walk.step", language), "step-button", step, playing or frame.is_last)
        button(
            text("page_walk.reset", language), "reset-button",
            lambda: follow(chosen, followed[1]),
        )  # fmt: skip
        button(
            text("page_walk.another", language), "another-button",
            lambda: follow(chosen, followed[1] + 1),
        )  # fmt: skip
        html(f"<b>{escaped(sentences.month_line(frame, walk.scenario, language))}</b>", "walk-month")
    moved_on = text("page_walk.moved_on", language) if chosen != followed[0] else ""
    html(f'<p class="trappe-null">{escaped(moved_on)}</p>' if moved_on else "")
    WalkFigures(frame, walk)


def use_play(
    playing: bool, walk: Walk, month: Callable[[], Any], set_playing: Callable[[bool], None]
) -> None:
    """Let month follow upon month while `playing`, to the end of the history."""

    async def play() -> None:
        while playing and not walk.frame().is_last:
            await month()
            await asyncio.sleep(PAUSE)
        if playing:
            set_playing(False)

    use_task(play, dependencies=[playing, id(walk)], raise_error=False)


@solara.component
def WalkFigures(frame: Frame, walk: Walk) -> None:  # noqa: N802
    """Show both worlds side by side, what they have cost, and what the dots mean."""
    shown = use_shown()
    language, scenario = shown.language, walk.scenario
    with part("trappe-half"):
        for world, name in ((frame.as_today, "as_today"), (frame.after, "after")):
            title = text(f"page_walk.{name}", language)
            with part("trappe-world"):
                html(f"<b>{escaped(title)}</b>")
                html(
                    walk_figure(world, frame.month, title, scenario, language),
                    f"trappe-figure walk-{name}",
                )
                paragraph(sentences.world_line(world, scenario, language), "trappe-small")
    html(legend(language), "trappe-legend walk-legend")
    if frame.month:
        paragraph(sentences.saved_line(frame, language), "walk-saving")


def button(label: str, class_: str, on_click: Callable[[], Any], disabled: bool = False) -> None:
    """Show a small button."""
    solara.Button(
        label, on_click=lambda: on_click(), disabled=disabled, outlined=True, small=True, classes=[class_]
    )
