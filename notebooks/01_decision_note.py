# %% [markdown]
# # Skal Fanø ansætte halvanden rådgiver mere?
#
# Beslutningsoplæg til læsning. Forslaget er notatets: flere rådgivere, hyppigere opfølgning, mindst
# indgribende indsats og flere familier at vælge imellem (*Sverigesmodellen*). Spørgsmålet er, hvad det
# gør for børnene og for budgettet på fem år, og hvor sikkert det er.

# %% jupyter={"source_hidden": true}
from experiments import attribute, compare
from experiments.notebooks import say, show, spread, table, unless_quick
from experiments.plots import plot_cumulated, plot_hundred, plot_policies, plot_staircase
from experiments.plots_attribution import plot_attribution
from experiments.words import kroner, number, of_hundred, outcome_name, percent, policy_name, text
from simulation.policy import CAUSES

study = compare("fano", replicates=unless_quick(1000, 40), draws=100)
town, policy = study.plan.scenario, "swedish_model"
saving, money = study.cumulated_saving(policy)[:, -1], study.change("net_saving", policy)
said = {
    "kind": "spare" if money.mean >= 0 else "koste",
    "mean": kroner(abs(money.mean), "da"),
    "low": number(money.low / 1e6, "da", 1),
    "high": number(money.high / 1e6, "da", 1),
    "lost": of_hundred((saving < 0).mean(), "da"),
    "residential": spread(study.change("n_residential", policy, year=5), 1.0, 1, "da"),
}

say(
    "## Svaret",
    "I gennemsnit ventes forslaget at **{kind} {mean} netto på fem år**, når lønnen til de nye "
    "rådgivere er betalt. Men 90 af 100 mulige forløb ligger mellem {low} og {high} mio. kr.: "
    "i **{lost}** forløb har Fanø efter fem år brugt flere penge, end der er sparet.".format(**said),
    "I det femte år ændrer det antallet af børn på døgninstitution med {residential}; minus er færre, og "
    "tallene i parentes er, hvad 90 af 100 forløb ligger imellem.".format(**said),
    f"*Intervallerne dækker både tilfældigheder og det, ingen ved med sikkerhed: "
    f"{number(study.replicates, 'da')} forløb for hvert forslag, fordelt på "
    f"{study.plan.draws_in(study.replicates)} sæt forudsætninger. "
    f"Priser fra {town.price_year}.*",
)

# %% [markdown]
# Et *forløb* er én mulig udvikling for Fanøs børn måned for måned. Med og uden forslaget møder de samme
# børn det samme held og uheld, så forskellen skyldes forslaget alene. Fanø har få børn, og derfor kan
# to forløb ende meget forskelligt, selv om alt andet er ens.

# %% jupyter={"source_hidden": true}
show(
    plot_hundred(study, policy, language="da"),
    "100 mulige forløb for Fanø som prikker efter, hvad forslaget sparer eller koster på fem år.",
)

# %% [markdown]
# ## Børnene på indsatstrappen

# %% jupyter={"source_hidden": true}
show(
    plot_staircase(study, policy, language="da"),
    "Indsatstrappen i Fanø: børn på hvert trin i dag, og ventet i år 5 med og uden forslaget.",
)

# %% jupyter={"source_hidden": true}
outcomes = ("residential_months", "waiting_months", "breakdowns", "entries")
say(
    "Over de fem år, i alt, og i parentes hvad 90 af 100 forløb ligger imellem:",
    table(
        ["", "Som i dag", "Med forslaget", "Forskel"],
        [
            [
                outcome_name(name, "da"),
                spread(study.level(name), 1.0, 0, "da"),
                spread(study.level(name, policy), 1.0, 0, "da"),
                spread(study.change(name, policy), 1.0, 0, "da"),
            ]
            for name in outcomes
        ],
    ),
)

# %% [markdown]
# ## Pengene, år for år

# %% jupyter={"source_hidden": true}
show(
    plot_cumulated(study, policy, language="da"),
    "Nettobesparelse i alt måned for måned: gennemsnit, bånd med 90 af 100 forløb, og hvornår det "
    "tjener sig ind.",
)

# %% jupyter={"source_hidden": true}
by_year = study.cumulated_saving(policy)
say(
    table(
        ["Ved udgangen af år", "Sparet i alt, mio. kr.", "Forløb, hvor det er tjent ind"],
        [
            [str(year + 1), spread(study.estimate(by_year[:, year]), 1e6, 1, "da"), of_hundred(p, "da")]
            for year, p in enumerate(study.p_broken_even(policy))
        ],
    ),
    "Minus er en merudgift. I parentes: hvad 90 af 100 forløb ligger imellem.",
)

# %% [markdown]
# ## Hvad er det, der virker?
#
# Forslaget ændrer fire ting på én gang, og det gjorde alle de steder, der har haft succes. Virkningen
# af det hele er derfor ikke virkningen af flere rådgivere. Her er gevinsten delt ud på de fire.

# %% jupyter={"source_hidden": true}
shared = attribute("fano", policy, replicates=unless_quick(1000, 40), draws=100)
shares = shared.shares("net_saving")
names = {cause: text(f"attribution.{cause}", "da").replace("\n", " ") for cause in CAUSES}
show(
    plot_attribution(shared, language="da"),
    "Nettobesparelse fordelt på fire årsager, det hele, og det hele hvis intet virker eller går modsat.",
)
say(
    table(
        ["Del af forslaget", "Andel af besparelsen, mio. kr."],
        [[names[c], spread(shared.study.estimate(shares[c]), 1e6, 1, "da")] for c in CAUSES]
        + [["Det hele", spread(shared.study.estimate(shared.whole("net_saving")), 1e6, 1, "da")]],
    ),
    "I parentes: hvad 90 af 100 forløb ligger imellem. Lønnen til rådgiverne er regnet med under *flere "
    "rådgivere*.",
)

# %% [markdown]
# ## Og hvis det ikke virker her?

# %% jupyter={"source_hidden": true}
others = [name for name in study.plan.policies if name in ("null", "perverse", "quarter_of_children")]
share = study.spread(saving).share_of_parameters
say(
    table(
        ["", "Nettobesparelse på fem år, mio. kr."],
        [
            [
                policy_name(town, name, "da"),
                spread(study.change("net_saving", name), 1e6, 1, "da"),
            ]
            for name in (policy, *others)
        ],
    ),
    "*Ingen virkning*: lønnen betales, og ingen børns forløb ændrer sig. *Modsat virkning*: mere kontakt "
    "finder flere behov, og der er ingen familier at få. *En fjerdedel af børnene*: forslaget gælder kun "
    "hvert fjerde barn.",
    f"Af usikkerheden (variansen) skyldes {percent(share, 'da')}, at modellens tal ikke kendes præcist; "
    "resten er tilfældigheder, som ingen undersøgelse kan fjerne. Nedenfor står alle de forslag, der er "
    "regnet på, også dele af forslaget hver for sig.",
)

# %% jupyter={"source_hidden": true}
show(
    plot_policies(study, language="da"),
    "Nettobesparelse på fem år for hvert forslag: gennemsnit og hvad 90 af 100 forløb ligger imellem.",
)

# %% [markdown]
# ## Hvad oplægget ikke kan sige
#
# * **Intet om det enkelte barn.** Ingen sag kan afgøres med modellen.
# * **Virkningerne er antagelser med karakter, ikke fund.** Der findes ingen dansk undersøgelse af
#   sagstallet alene.
# * **Færre på institution er ikke i sig selv bedre.** Ingen af kilderne har målt, hvordan børnene fik
#   det.
# * **Fanøs egne priser er gået tabt**; priserne er landsgennemsnit.
#
# Det er lavet med `trappe compare fano --draws 100` og `trappe attribute fano`; antagelserne står i
# `docs/assumptions.md`, og hvad modellen rammer og ikke rammer, i `docs/model_card.md`.
