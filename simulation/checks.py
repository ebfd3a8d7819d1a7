"""What must hold between the parts of a scenario; each failure is one sentence with its cure."""

from __future__ import annotations

from collections.abc import Iterable

from simulation.layout import MOST_BANDS, MOST_PROGRAMMES, MOST_THRESHOLDS
from simulation.policy import CAUSES, Policy, Programme
from simulation.sections import SHARE_TOLERANCE
from simulation.sections import ScenarioFields as Scenario
from simulation.staircase import Stair


def check_scenario(s: Scenario) -> None:
    """Raise ValueError with the first thing that does not hold together."""
    _check_words(s)
    _check_sizes(s)
    _check_bands(s)
    _check_stair_names(s)
    _check_ages(s)
    _check_shares(s)
    _check_districts(s)
    _check_first_day(s)
    for name, policy in s.policies.items():
        check_policy(s, f"policies.{name}", policy)
        _check_changes(s, f"policies.{name}", policy)


def _near(word: str, known: Iterable[str]) -> str:
    import difflib

    known = list(known)
    match = difflib.get_close_matches(word, known, n=1, cutoff=0.65)
    return f"did you mean {match[0]!r}?" if match else f"the stairs are {', '.join(known)}"


def _check_words(s: Scenario) -> None:
    usual = {name: Scenario.model_fields[name].default for name in ("person", "people")}
    if (s.person == usual["person"]) != (s.people == usual["people"]):
        raise ValueError(
            f"person = {s.person!r} and people = {s.people!r} are one word, of one and of several; "
            "give both, or neither"
        )


def _check_sizes(s: Scenario) -> None:
    sizes = (
        ("age_bands", "age bands", len(s.age_bands), MOST_BANDS),
        ("money.refund_threshold", "thresholds", len(s.money.refund_threshold or ()), MOST_THRESHOLDS),
    )
    for where, what, n, most in sizes:
        if n > most:
            raise ValueError(f"{where} has {n} {what}; at most {most} are possible: join some of them")


def _check_bands(s: Scenario) -> None:
    bands = s.age_bands
    if not bands or bands[0] != 0 or list(bands) != sorted(set(bands)):
        raise ValueError(f"age_bands = {list(bands)} must begin with 0 and rise, such as [0, 4, 12, 15]")
    if bands[-1] >= s.leave_age:
        raise ValueError(
            f"age_bands = {list(bands)}: the last band begins at {bands[-1]}, but children leave at "
            f"leave_age = {s.leave_age}; give bands below that age"
        )
    for name in ("age_at_arrival", "age_at_entry"):
        shares = getattr(s.children, name)
        _length(s, f"children.{name}", shares)
        if abs(sum(shares) - 1.0) > SHARE_TOLERANCE:
            raise ValueError(
                f"children.{name} = {list(shares)} sums to {sum(shares):g}, not 1: "
                "it is the share of children in each age band"
            )


def _length(s: Scenario, name: str, values: tuple[float, ...]) -> None:
    if len(values) != len(s.age_bands):
        raise ValueError(
            f"{name} has {len(values)} values for {len(s.age_bands)} age bands "
            f"(from {', '.join(map(str, s.age_bands))} years); give one value per band"
        )


def _check_stair_names(s: Scenario) -> None:
    keys = s.staircase.keys
    tables: dict[str, Iterable[str]] = {
        f"children.{name}": getattr(s.children, name)
        for name in ("readiness_rate", "crisis_rate", "planned_up", "home_share", "entry_share")
    }
    tables["work.weight"] = s.work.weight
    tables["reviews.by_stair"] = s.reviews.by_stair
    tables["money.unit_price"] = s.money.unit_price
    tables["money.price_spread"] = s.money.price_spread
    for name, table in tables.items():
        for key in table:
            if key not in keys:
                raise ValueError(f"{name}.{key}: there is no stair {key!r}; {_near(key, keys)}")
    for stair in s.staircase:
        _check_complete(s, stair)
    _check_no_more(s)


def _check_complete(s: Scenario, stair: Stair) -> None:
    needed: list[str] = []
    if stair.kind in ("home", "care"):
        needed += ["children.readiness_rate", "children.crisis_rate", "money.unit_price"]
    if stair.is_case:
        needed.append("work.weight")
    if stair.in_care:
        needed.append("children.home_share")
    for path in needed:
        section, table = path.split(".")
        if stair.key not in getattr(getattr(s, section), table):
            raise ValueError(
                f"{path} has no value for stair {stair.key!r}; add {path}.{stair.key}: the evidence "
                "records know only the standard stairs"
            )


def _check_ages(s: Scenario) -> None:
    for stair in s.staircase:
        if stair.youngest >= s.leave_age:
            raise ValueError(
                f"stair {stair.key!r}: youngest = {stair.youngest} is not below leave_age = "
                f"{s.leave_age}; no child could ever be there"
            )


def _check_no_more(s: Scenario) -> None:
    """Refuse numbers that mean nothing on the stair they are given for."""
    for i, stair in enumerate(s.staircase):
        if stair.kind in ("hidden", "assessment"):
            tables = [
                "money.unit_price",
                "money.price_spread",
                "children.readiness_rate",
                "children.planned_up",
            ]
            why = f"a stair of kind {stair.kind!r} has no measure that costs, ends or is followed up"
        elif i == len(s.staircase) - 1:
            tables, why = ["children.planned_up"], "there is no stair above the last one"
        else:
            continue
        if stair.kind == "hidden":
            tables.append("children.crisis_rate")
        for path in tables:
            section, table = path.split(".")
            if getattr(getattr(s, section), table).get(stair.key, 0.0) > 0.0:
                raise ValueError(f"{path}.{stair.key}: {why}; leave the line out")


def _check_shares(s: Scenario) -> None:
    c = s.children
    for key, shares in c.entry_share.items():
        _length(s, f"children.entry_share.{key}", shares)
        stair = s.staircase[s.staircase.index(key)]
        if stair.family_like or not stair.in_care:
            raise ValueError(
                f"children.entry_share.{key}: only for care stairs that are not family-like; "
                "what the shares leave is meant for a family"
            )
    for band in range(len(s.age_bands)):
        total = sum(shares[band] for shares in c.entry_share.values())
        if total > 1.0 + SHARE_TOLERANCE:
            raise ValueError(
                f"children.entry_share sums to {total:g} for the age band from {s.age_bands[band]} "
                f"({', '.join(f'{k} {v[band]:g}' for k, v in c.entry_share.items())}; what the scenario "
                "does not give comes from the evidence); it may be at most 1: the rest is for families"
            )
    ends = c.closed_after_assessment + c.placed_after_assessment
    if ends > 1.0 + SHARE_TOLERANCE:
        raise ValueError(
            f"children.closed_after_assessment + placed_after_assessment = {ends:g}; together they "
            "are shares of all assessments and at most 1"
        )


def _check_districts(s: Scenario) -> None:
    names = [d.name for d in s.districts]
    if len(set(names)) < len(names):
        raise ValueError(f"districts have the names {names}; give each district a name of its own")
    keys = s.staircase.keys
    limited = [x.key for x in s.staircase if x.limited]
    for d in s.districts:
        for post in d.later_posts:
            if not 0 <= s.month_of(post.begins) < s.months:
                raise ValueError(
                    f"districts.{d.name}.later_posts: begins = {post.begins} lies outside the "
                    f"simulation, which runs for {s.months} months from {s.start}; a post that is there "
                    "from the first day stands under caseworkers, one that opens later is left out"
                )
    for d in s.districts:
        for table, used in (("start", d.start), ("places", d.places)):
            for key in used:
                if key not in keys:
                    raise ValueError(
                        f"districts.{d.name}.{table}.{key}: there is no stair {key!r}; {_near(key, keys)}"
                    )
        for key in d.places:
            if key not in limited:
                raise ValueError(
                    f"districts.{d.name}.places.{key}: places on this stair are not limited; leave the "
                    "line out, or write limited = true at the stair (limited: "
                    f"{', '.join(limited) or 'none'})"
                )
        for key in limited:
            if key not in d.places:
                raise ValueError(
                    f"districts.{d.name}.places.{key} is missing: how many places are there on this "
                    "stair, occupied or not?"
                )


def _check_first_day(s: Scenario) -> None:
    day = s.first_day
    if day is None:
        return
    if list(day.stairs) != s.staircase.keys:
        raise ValueError(
            f"case_list.children were read for the stairs {', '.join(day.stairs)}, and the scenario has "
            f"{', '.join(s.staircase.keys)}; read the scenario from its file again"
        )
    gone = set(day.districts) - {d.name for d in s.districts}
    if gone:
        raise ValueError(
            f"case_list.children: there is no district {min(gone)!r}; the districts are "
            f"{', '.join(d.name for d in s.districts)}"
        )
    hidden = [x.key for x in s.staircase if x.kind == "hidden" and day.lists(x.key)]
    if hidden:
        raise ValueError(
            f"case_list.children: some stand on {hidden[0]!r}, where nobody is known; leave them out"
        )
    day.check_ages(s.leave_age)


def check_policy(s: Scenario, where: str, p: Policy) -> None:
    """Raise ValueError where a policy does not fit the scenario: stairs, districts, dates."""
    keys, districts = s.staircase.keys, [d.name for d in s.districts]
    for key in p.reviews.by_stair:
        if key not in keys:
            raise ValueError(f"{where}.reviews.by_stair.{key}: no stair {key!r}; {_near(key, keys)}")
    for key in p.supply.extra_places:
        if key not in keys or not s.staircase[s.staircase.index(key)].limited:
            raise ValueError(
                f"{where}.supply.extra_places.{key}: not a stair with limited places; such stairs are "
                f"{', '.join(x.key for x in s.staircase if x.limited) or 'none'}"
            )
    if p.districts == ():
        raise ValueError(
            f"{where}.districts = []: the policy would hold nowhere; name at least one district, or "
            "leave the line out and it holds in all"
        )
    for district in p.districts or ():
        if district not in districts:
            raise ValueError(
                f"{where}.districts: there is no district {district!r}; "
                f"the districts are {', '.join(districts)}"
            )
    if len(p.supply.programmes) > MOST_PROGRAMMES:
        raise ValueError(
            f"{where}.supply.programmes has {len(p.supply.programmes)} programmes; at most "
            f"{MOST_PROGRAMMES} are possible: join some of them"
        )
    for name, programme in p.supply.programmes.items():
        _check_programme(s, f"{where}.supply.programmes.{name}", programme)
    _check_dates(s, where, p)


def _check_programme(s: Scenario, where: str, p: Programme) -> None:
    keys = [x.key for x in s.staircase if x.kind != "hidden"]
    if p.stair not in keys:
        raise ValueError(
            f"{where}.stair = {p.stair!r}: no stair whose children are known; {_near(p.stair, keys)}"
        )
    if p.to_age < p.from_age:
        raise ValueError(
            f"{where}: to_age = {p.to_age} is below from_age = {p.from_age}; nobody could take part"
        )
    if p.from_age >= s.leave_age:
        raise ValueError(
            f"{where}.from_age = {p.from_age} is not below leave_age = {s.leave_age}; nobody could take "
            "part"
        )
    kind = s.staircase[s.staircase.index(p.stair)].kind
    if p.placed != 1.0 and kind != "assessment":
        raise ValueError(
            f"{where}.placed = {p.placed:g}: only a programme for children under assessment can change "
            "how often one ends in care; leave the line out"
        )


def _check_dates(s: Scenario, where: str, p: Policy) -> None:
    begin = s.month_of(p.start) if p.start else 0
    if begin < 0 or begin >= s.months:
        raise ValueError(
            f"{where}.start = {p.start} lies outside the simulation, which runs for {s.months} months "
            f"from {s.start}; move the policy's start or the scenario's"
        )
    if p.stop is not None and s.month_of(p.stop) <= begin:
        raise ValueError(
            f"{where}.stop = {p.stop} is not after its start {p.start or s.start}; dates are out of "
            "order, or leave stop out if the policy goes on"
        )


def _check_changes(s: Scenario, where: str, p: Policy) -> None:
    if not changes(s, p):
        raise ValueError(
            f"{where} changes nothing: every lever stands as it is today. Give it at least one change "
            f"under {', '.join(CAUSES)}, or leave the policy out (the baseline is always there)"
        )


def changes(s: Scenario, p: Policy) -> bool:
    """Return whether a policy differs from today in any lever, cost included."""
    c, today = p.capacity, s.baseline
    if c.extra_fte or c.team_leader > 0 or (c.start_cost or 0) > 0 or p.supply.running_cost > 0:
        return True
    if p.reach <= 0:
        return False
    levers = (
        (p.practice.orientation, today.orientation),
        (p.practice.residential_odds, today.residential_odds),
        (p.supply.network_search, today.network_search),
        (p.supply.outreach, today.outreach),
        (p.world.surveillance, today.surveillance),
        (p.reviews.order, s.reviews.order),
    )
    if p.world.effect > 0 and any(new is not None and new != old for new, old in levers):
        return True
    today_rules = {k: s.reviews.rule(k) for k in s.staircase.keys}
    moved = any(p.reviews.instead_of(rule, k) != rule for k, rule in today_rules.items())
    if any(x.places > 0 for x in p.supply.programmes.values()):
        return True
    return p.world.effect > 0 and (moved or any(p.supply.extra_places.values()))
