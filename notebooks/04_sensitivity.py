# %% [markdown]
# # What matters
#
# Fanø's result rests on numbers that nobody knows exactly: hours, rates, prices, and what a policy
# does. Which of them decide whether the proposal pays, and whose is the doubt?

# %%
from experiments import compare
from experiments.notebooks import say, show, spread, table, unless_quick
from experiments.plots import axes_for
from experiments.sensitivity.figures import panel
from experiments.sensitivity.question import question
from experiments.sensitivity.rows import index_rows
from experiments.sensitivity.study import study
from experiments.sensitivity.tables import sentences, small_print
from experiments.sentences import uncertainty_sentence
from experiments.words import number
from simulation import find_scenario

fano = find_scenario("fano")
tornado = study(question(fano, "tornado", "swedish_model", replicates=unless_quick(300, 8)))
drawn = compare(fano, ["swedish_model"], replicates=unless_quick(1000, 40), draws=100)
saved = drawn.change("net_saving", "swedish_model")
say(
    "## The answer",
    f"With all that is not known the proposal saves **{spread(saved, 1e6)}** "
    "m DKK over five years: mean, and what 90 of 100 histories lie between, which covers "
    f"{drawn.covers_in_short}. {uncertainty_sentence(drawn)}",
    sentences(tornado, "net_saving")[0],
)

# %% [markdown]
# ## One number at a time
#
# Each number is moved to the low and to the high end of its evidence (5 and 95 %), all others stay at
# the scenario's own values. At every value the flows into the staircase are settled again, so that
# today's counts hold.

# %%
show(
    panel(tornado, "net_saving", axes_for(None, 9.2, 6.4)),
    "Tornado of the net saving: for each of twelve numbers a bar from its low to its high end.",
)
say(
    *sentences(tornado, "net_saving")[1:],
    "The bars start from the scenario's own numbers: each in the middle of its range, with the whole "
    "effect of a pilot. The mean over draws differs from that, since a roll-out may keep less, and since "
    "some surprises cost more than others gain. Plan with the draws.",
)

# %%
rows = [row for row in index_rows(tornado) if row["outcome"] == "net_saving"]
say(
    table(
        ["Number", "Grade", "Net saving at its low end, m DKK", "at its high end", "Low to high (90 %)"],
        [
            [
                row["label"],
                row["grade"],
                number(row["at_low"] / 1e6, "en", 1),
                number(row["at_high"] / 1e6, "en", 1),
                f"{number(row['swing'] / 1e6, 'en', 1)} ± {number(row['swing_error'] / 1e6, 'en', 1)}",
            ]
            for row in rows[:8]
        ],
    ),
    f"*{small_print(tornado)}*",
)

# %% [markdown]
# ## Months in care
#
# What decides the money need not decide what happens to children.

# %%
show(
    panel(tornado, "care_months_saved", axes_for(None, 9.2, 6.4)),
    "Tornado of the months in care saved: for each of twelve numbers a bar from its low to its high end.",
)
say(*sentences(tornado, "care_months_saved"))

# %% [markdown]
# ## Whose is the doubt?
#
# Now all numbers move at once, each drawn from its evidence, and those of one grade of evidence move
# together. A is strong evidence, D an assumption or a calibrated number.

# %%
by_grade = study(
    question(
        fano,
        "sobol",
        "swedish_model",
        ["net_saving"],
        group="grade",
        samples=unless_quick(128, 2),
        replicates=unless_quick(16, 4),
    )
)
show(
    panel(by_grade, "net_saving", axes_for(None, 8.0, 4.6)),
    "Share in the variance of the mean net saving of the numbers of each grade, alone and together "
    "with others.",
)
say(*sentences(by_grade, "net_saving"), f"*{small_print(by_grade)}*")

# %% [markdown]
# ## What is known about the first ones

# %%
say(
    table(
        ["Number", "Value", "Range", "Unit", "Grade", "What it is"],
        [
            [p.name, f"{p.value:g}", f"{p.low:g} to {p.high:g}", p.unit, p.grade, p.meaning]
            for p in (tornado.asked.numbers[i].record for i in tornado.first("net_saving", 4))
        ],
    )
)

# %% [markdown]
# ## How to go on
#
# * `trappe parameters work.assessment_hours` shows a number with its source; `trappe
#   value-of-information fano` says in kroner which of them is worth measuring before deciding.
# * The bars say what the result hangs on, not which value is right, and nothing about the structure of
#   the model.
