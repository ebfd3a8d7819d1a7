# %% [markdown]
# # Extend the model
#
# For researchers. A behaviour of your own is a method of a subclass of `Child`; a policy of your own is
# a `Policy`. Both meet the same children with the same luck as the model's own, so what differs is due
# to them. The next cell is all of it: children who have lived a year in one place weather half of the
# crises that would break it up, and follow-ups every second month go to children in residential care
# only.

# %%
from experiments import compare
from experiments.notebooks import say, show, spread, table, unless_quick
from experiments.own_agents import compare_agents, with_policy
from experiments.plots import plot_policies
from experiments.words import policy_name
from simulation import Child, Policy, find_scenario
from simulation.policy import Capacity, FollowUp, ReviewRule

SETTLED_AFTER, WEATHERED = 12, 0.5  # months; share of crises: an assumption, grade D
OWN_LUCK = 40  # a purpose that no draw of the model has (simulation.randomness)


class Anchored(Child):
    """A child whom a year in one place has given somebody to hold on to."""

    def live_through_crisis(self) -> None:
        """Weather the crisis where it is, perhaps; else as every child."""
        is_settled = self.in_care and self.on_stair >= SETTLED_AFTER
        if not (is_settled and self.model.uniform(self.number, OWN_LUCK) < WEATHERED):
            super().live_through_crisis()


closer = Policy(
    label="Tættest på institution",
    english="Closest in residential care",
    about="Half a post more, and follow-ups every second month in residential care only.",
    capacity=Capacity(extra_fte=(0.5,)),
    reviews=ReviewRule(by_stair={"residential_care": FollowUp(first=2, later=2)}, order="most_intrusive"),
)
fano = with_policy(find_scenario("fano"), "closer", closer)

arms, n = ["swedish_model", "closer"], unless_quick(100, 3)
usual = compare_agents(fano, arms, replicates=n)
anchored = compare_agents(fano, arms, child_class=Anchored, replicates=n)
fewer = (anchored.outcome("breakdowns") - usual.outcome("breakdowns")).sum(axis=1)
say(
    "## The answer",
    f"If children are anchored so, breakdowns change by **{spread(usual.estimate(fewer))}** over five "
    "years, as things are today. The policy saves "
    f"**{spread(usual.change('net_saving', 'closer'), 1e6)}** m DKK with the model's own children and "
    f"**{spread(anchored.change('net_saving', 'closer'), 1e6)}** with anchored ones.",
    f"*Mean and what 90 of 100 histories lie between; {n} histories, chance only.*",
)

# %% [markdown]
# ## Where a behaviour goes
#
# A child lives its month in methods: `come_to_light`, `ask`, `be_followed_up`, `live_a_month`,
# `live_through_crisis`, `move`, `grow_older`. Override one and call `super()` for the rest. Two rules
# keep comparisons fair:
#
# * Luck comes from the model (`self.model.uniform(self.number, purpose)`), never from `random`: a draw
#   belongs to a child, a month and a purpose, so another agent's behaviour does not change it. Take a
#   purpose that is not used.
# * What is decided by a chance stands in `simulation/rules.py`. Behaviour of your own is known to the
#   agents only, not to the compiled engine.

# %% [markdown]
# ## Does nothing else change?
#
# With the model's own class, `compare_agents` gives what `compare` gives, history by history.

# %%
kernel = compare(fano, arms, replicates=n)
same = [bool((kernel.arm(arm).net == usual.arm(arm).net).all()) for arm in kernel.plan.arms]
say(
    table(
        ["", "Same kroner in every history and month"],
        [[arm, "yes" if is_same else "NO"] for arm, is_same in zip(kernel.plan.arms, same, strict=True)],
    )
)
assert all(same)

# %% [markdown]
# ## What the behaviour does, by policy

# %%
say(
    table(
        ["", "Breakdowns, usual", "Breakdowns, anchored", "Difference"],
        [
            [
                arm,
                spread(usual.level("breakdowns", arm)),
                spread(anchored.level("breakdowns", arm)),
                spread(
                    usual.estimate(
                        (anchored.outcome("breakdowns", arm) - usual.outcome("breakdowns", arm)).sum(
                            axis=1
                        )
                    )
                ),
            ]
            for arm in usual.plan.arms
        ],
    ),
    "Over five years; mean and what 90 of 100 histories lie between, chance only.",
)

# %% [markdown]
# ## What the policy does
#
# A policy needs no agents: the compiled engine knows it, so that it can be compared over many histories
# and draws of the parameters, beside the proposal and beside the world where nothing works.

# %%
study = compare(
    fano,
    ["closer", "swedish_model", "reviews_only", "null"],
    replicates=unless_quick(1000, 40),
    draws=100,
)
show(
    plot_policies(study),
    "Net saving over five years of the own policy beside three of Fanø's, with intervals.",
)

# %%
say(
    table(
        ["Policy", "Net saving, m DKK", "Months in residential care, against as today"],
        [
            [
                policy_name(study.plan.scenario, name, "en"),
                spread(study.change("net_saving", name), 1e6),
                spread(study.change("residential_months", name), digits=0),
            ]
            for name in study.plan.policies
        ],
    ),
    f"Mean and what 90 of 100 histories lie between; that covers {study.covers_in_short}.",
)

# %% [markdown]
# ## From here
#
# A policy that stays is written in the scenario's file (`trappe new`), with a grade and a source for
# each number; `trappe check` says what is wrong. A behaviour that stays becomes a rule in
# `simulation/rules.py`, in both engines, and a record in the evidence.
