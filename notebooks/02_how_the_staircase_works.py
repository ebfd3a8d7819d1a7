# %% [markdown]
# # How the staircase works
#
# A child in trouble stands on a stair: unknown to the municipality, under assessment, helped at home,
# with kin, in a foster family, or in residential care. Each month a child may move. Whether it does
# depends on need, on the hours its caseworker has, and on luck. This notebook follows one possible
# history of Fanø, month by month and child by child. All children are simulated: none of them exists.

# %%
from experiments import compare
from experiments.notebooks import rows_as_table, say, show, spread, table, unless_quick
from experiments.pictures.path import most_eventful
from experiments.plots import plot_path, plot_staircase
from experiments.words import number
from simulation import Caseworker, Child, PlacementModel

study = compare("fano", ["swedish_model"], replicates=unless_quick(1000, 100))
model = PlacementModel(scenario="fano", rng=1, replicate=6)  # the seventh history of the same study
model.run_for(60)
ledger = model.datacollector.get_model_vars_dataframe()

counted = {
    "entries into care": ("entries", "new_entries"),
    "breakdowns of placements": ("breakdowns", "new_breakdowns"),
}
say(
    "## The answer: no two histories are alike",
    table(
        ["In five years", "In the history below", "Mean (90 of 100 histories)"],
        [
            [
                what,
                number(ledger[column].sum(), "en"),
                spread(study.level(name)),
            ]
            for what, (name, column) in counted.items()
        ],
    ),
    f"*The interval covers {study.covers}; {study.replicates} histories.*",
)

# %% [markdown]
# ## Who is there
#
# Children and caseworkers are agents of a Mesa model. A step is a month.

# %%
children, caseworkers = model.agents_by_type[Child], model.agents_by_type[Caseworker]
names = {stair.key: stair.name for stair in model.municipality.staircase} | {"closed": "case closed"}
there = children.groupby("stair").count()
say(
    f"After 60 months there are {len(children)} children, known or not, and {len(caseworkers)} posts.",
    table(["Stair", "Children"], [[names[key], str(there.get(key, 0))] for key in names]),
    table(
        ["Post", "FTE", "Cases", "Cases per FTE"],
        [
            [str(w.number + 1), number(w.fte, "en", 2), str(w.cases), number(w.cases / w.fte, "en")]
            for w in caseworkers
        ],
    ),
    "*Counts of this one history; what other histories have in year 5 stands in the picture at the end.*",
)

# %% [markdown]
# ## A month
#
# The order never changes: caseworkers come and go; children newly at risk; some become known; new cases
# get a caseworker; caseworkers share out their hours: what burns first, then assessments, then
# follow-ups that are due; at a follow-up a child who is ready may move down a stair; between follow-ups
# a crisis may move it up; everybody gets a month older. Here are the first six months in the ledger
# that the model keeps.

# %%
months = ledger.iloc[1:7].astype({"month": int}).to_dict("records")
shown = {
    "month": "Month",
    "new_at_risk": "Newly at risk",
    "new_entries": "Entries",
    "new_follow_ups": "Follow-ups held",
    "n_overdue": "Overdue",
    "new_breakdowns": "Breakdowns",
}
say(rows_as_table([{key: f"{row[key]:.0f}" for key in shown} for row in months], shown))

# %% [markdown]
# ## One child
#
# The child to whom most different things happened in this history. Everything is written down. The
# history was picked because this child's path differs under the policy below; for many children it does
# not. What happens on average comes last.

# %%
child = most_eventful(model)
show(
    plot_path(model, child),
    "One made-up child's stairs month by month, with follow-ups, readiness and changes of caseworker.",
)

# %%
spells = model.spells()
path = spells[spells["child"] == child].replace({"stair": names})
heads = {
    "stair": "Stair",
    "start_month": "From month",
    "end_month": "to month",
    "end_event": "What ended it",
}
say(
    rows_as_table(path.to_dict("records"), heads),
    "`READY` (a triangle above) is when a less intrusive stair would do. Nobody sees it until a "
    "follow-up is held: the months between are what a shorter interval can save.",
)

# %% [markdown]
# ## The same child, another policy
#
# Luck belongs to the child and the month, not to the run. So the same children arrive in the same
# months, and the same draw decides each of their crises. Where paths part, the policy did it.

# %%
other = PlacementModel(scenario="fano", policy="swedish_model", rng=1, replicate=6)
other.run_for(60)
show(
    plot_path(other, child),
    "The same child's stairs month by month under the Swedish model.",
)

# %% [markdown]
# ## From one history to an answer
#
# One child proves nothing, and neither does one history. Only many histories, in pairs with and without
# the policy, say what it does.

# %%
difference = study.change("residential_months", "swedish_model")
say(
    "Months that children spend in residential care, with the policy against without, over five years: "
    f"**{spread(difference, digits=0)}**, mean and what 90 of 100 histories "
    "lie between. That covers chance only: parameters stand at their values, which nobody knows exactly."
)
show(
    plot_staircase(study),
    "Children on each stair in Fanø: today, and expected in year 5 as today and with the policy.",
)
