"""The intervention staircase (indsatstrappen): an ordered list of stairs, read from data.

A stair is what a child is on; the order is from least to most intrusive. No code names a stair: it asks
what kind it is, what it needs and where it stands. So a municipality may define other stairs, and the
scenario `adults` has those of the specialised adult area.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from simulation.layout import MOST_STAIRS
from simulation.shipped import shipped_text

Kind = Literal["hidden", "assessment", "home", "care"]
RESERVED = ("closed", "gone")
KIND_ORDER: tuple[Kind, ...] = ("hidden", "assessment", "home", "care")


class Stair(BaseModel):
    """One stair of the staircase."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="name in files and tables")
    label: str = Field(description="Danish label, for people")
    english: str = Field(default="", description="English label; the key where it is empty")
    kind: Kind = Field(description="hidden, assessment, home (help at home) or care (anbragt)")
    family_like: bool = Field(default=False, description="care in a family (network, foster)")
    needs_network: bool = Field(default=False, description="only with kin who were found")
    limited: bool = Field(default=False, description="places are counted, per district")
    residential: bool = Field(
        default=False,
        description="an institution or the like; where no stair says so, care above every family is",
    )
    youngest: int = Field(default=0, ge=0, le=120, description="youngest age in years")

    @property
    def in_care(self) -> bool:
        """Whether a child on this stair is placed outside home (anbragt)."""
        return self.kind == "care"

    @property
    def is_case(self) -> bool:
        """Whether a child on this stair is a case of the municipality."""
        return self.kind != "hidden"

    @property
    def name(self) -> str:
        """The English label for tables and figures."""
        return self.english or self.key.replace("_", " ").capitalize()


class Staircase(RootModel[tuple[Stair, ...]]):
    """The stairs in order, least to most intrusive; hidden, assessment, home, then care."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="after")
    def _is_a_staircase(self) -> Staircase:
        keys = self.keys
        twice = sorted({k for k in keys if keys.count(k) > 1})
        if twice:
            raise ValueError(f"stair {twice[0]!r} is defined twice; give each stair its own key")
        if len(keys) > MOST_STAIRS:
            raise ValueError(
                f"staircase has {len(keys)} stairs; at most {MOST_STAIRS} are possible: join some of them"
            )
        for key in RESERVED:
            if key in keys:
                raise ValueError(f"a stair cannot be called {key!r}: that word says a case has ended")
        kinds = [KIND_ORDER.index(s.kind) for s in self.root]
        if kinds != sorted(kinds):
            raise ValueError(
                "stairs must stand in the order hidden, assessment, home, care "
                f"(found {', '.join(s.kind for s in self.root)}); move the stair that is out of place"
            )
        for kind, most in (("hidden", 1), ("assessment", 1)):
            if sum(s.kind == kind for s in self.root) > most:
                raise ValueError(f"at most one stair may be of kind {kind!r}; join the others")
        if not any(s.kind == "home" for s in self.root):
            raise ValueError("at least one stair must be of kind 'home' (help without placement)")
        self._care_is_reachable()
        return self

    def _care_is_reachable(self) -> None:
        care = [s for s in self.root if s.in_care]
        if care and (care[-1].needs_network or care[-1].limited or care[-1].youngest > 0):
            raise ValueError(
                f"the last stair ({care[-1].key!r}) takes every child for whom nothing else is found: "
                "it can be neither limited, nor need a network, nor have a youngest age"
            )
        for stair in self.root:
            flags = (stair.family_like, stair.needs_network, stair.limited, stair.residential)
            if not stair.in_care and any(flags):
                raise ValueError(
                    f"stair {stair.key!r} is of kind {stair.kind!r}: family_like, needs_network, limited "
                    "and residential are for stairs of kind 'care'"
                )
            if stair.family_like and stair.residential:
                raise ValueError(
                    f"stair {stair.key!r} is family_like and residential; a family is no institution: "
                    "choose one"
                )

    def __iter__(self) -> Iterator[Stair]:  # type: ignore[override]
        """Iterate over the stairs, least intrusive first."""
        return iter(self.root)

    def __len__(self) -> int:
        """Return the number of stairs."""
        return len(self.root)

    def __getitem__(self, index: int) -> Stair:
        """Return the stair at `index`, counted from the least intrusive."""
        return self.root[index]

    @cached_property
    def keys(self) -> list[str]:
        """The keys in order."""
        return [s.key for s in self.root]

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {key: i for i, key in enumerate(self.keys)}

    def index(self, key: str) -> int:
        """Return the position of stair `key`; KeyError names the stairs there are."""
        if key not in self._positions:
            raise KeyError(f"no stair {key!r}; the stairs are {', '.join(self.keys)}")
        return self._positions[key]

    def first(self, kind: Kind) -> int:
        """Return the position of the first stair of `kind`, or -1 where there is none."""
        return next((i for i, s in enumerate(self.root) if s.kind == kind), -1)


DEFAULT_STAIRCASE = Staircase.model_validate(
    tomllib.loads(shipped_text("staircases/children"))["staircase"]
)
"""The stairs of a scenario that lists none of its own."""
