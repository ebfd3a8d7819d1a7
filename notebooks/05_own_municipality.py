# %% [markdown]
# # Your own municipality, from a case list
#
# A list of who was on which stair from when to when is enough. Here it is a made-up list of simulated
# children in a temporary folder; put the path of your own folder instead. Nothing is sent anywhere, and
# the rows of children stay in their folder.

# %%
import tempfile
from pathlib import Path

from experiments import compare
from experiments.business_case import sentence
from experiments.caselist.importing import Asked, imported
from experiments.caselist.made_up import made_up
from experiments.files import write_files
from experiments.notebooks import is_quick, say, show, spread, table, unless_quick
from experiments.plots import plot_cumulated, plot_staircase
from experiments.sentences import uncertainty_sentence
from experiments.words import policy_name
from simulation import find_scenario

temporary = tempfile.TemporaryDirectory()
folder = Path(temporary.name)
files = made_up(find_scenario("denmark"), years=unless_quick(5, 2))
write_files(folder / "cases", files)
pages = list(imported(Asked(folder / "cases", folder / "mine.toml", settle=not is_quick())))
study = compare(folder / "mine.toml", replicates=unless_quick(500, 20), draws=unless_quick(50, 2))
say(
    "## The answer",
    sentence(study),
    uncertainty_sentence(study),
    f"*The interval covers {study.covers}.*",
)

# %% [markdown]
# ## The files
#
# The first is needed, the others say more. An empty end date means that the stay goes on.

# %%
say(table(["File", "Rows"], [[name, str(text.count("\n") - 1)] for name, text in files.items()]))
say("```text\n" + "\n".join(files["spells.csv"].splitlines()[:5]) + "\n```")

# %% [markdown]
# ## What became of the rows, and who is there today
#
# Every row counts once: as it stands, or under the reason that changed it. Counts under 5 are hidden,
# and children are shown to the nearest five, since a page may be passed on.

# %%
say("```text\n" + "\n".join([*pages[0], *pages[1]]).strip() + "\n```")

# %% [markdown]
# ## Your own rates
#
# Few events say little, so a rate is drawn towards the country's, the more the fewer they are. In
# brackets: what covers the true rate with 90 % chance. `own` is how much of the result is the
# municipality's own.

# %%
say("```text\n" + "\n".join(pages[2]).strip() + "\n```")

# %% [markdown]
# ## If nothing changes
#
# In brackets: what 90 of 100 futures lie between, chance and what is unknown of the rates.

# %%
say("```text\n" + "\n".join(pages[3]).strip() + "\n```")

# %% [markdown]
# ## How good such forecasts would have been
#
# The same forecast is made one and three years before the last day, with what was known then, and held
# against what came.

# %%
say("```text\n" + "\n".join(pages[-1]).strip() + "\n```")

# %% [markdown]
# ## What a policy would do
#
# The scenario starts from the actual children, and histories are spread over draws of the
# municipality's own rates. The policies are those of a new file, places to write yours. The first is a
# package: one and a half posts more, follow-ups every third month, practice, and supply with outreach,
# which finds more children in need. The second is its posts alone.

# %%
say(
    table(
        ["Policy", "Net saving, m DKK", "In residential care in the last year, against as today"],
        [
            [
                policy_name(study.plan.scenario, name, "en"),
                spread(study.change("net_saving", name), 1e6),
                spread(study.change("n_residential", name, year=study.n_years)),
            ]
            for name in study.plan.policies
        ],
    ),
    f"Mean and what 90 of 100 histories lie between; that covers {study.covers_in_short}.",
    "An answer may well be no. Where the package costs and its posts alone save, it is not the posts "
    "that cost: children whom outreach finds get help, and some a placement, that is paid within these "
    "five years; what it spares them later, or elsewhere, is not counted here. `trappe attribute "
    "mine.toml` shares the difference out among the causes. The numbers of outreach are among the least "
    "known (grade D).",
)
show(
    plot_cumulated(study),
    "Cumulated net saving of the policy by year, with bands of 50 and 90 of 100 histories.",
)

# %%
show(
    plot_staircase(study),
    "Children on each stair: today, and expected in the last year with and without the policy.",
)
temporary.cleanup()

# %% [markdown]
# ## The same on the command line
#
# `trappe example cases`, `trappe import cases --out mine.toml`, `trappe compare mine.toml --draws 100`.
# What the list must hold, and what becomes of it, stands in `docs/case_list.md`.
