"""Identifiers in a log: a hash that tells them apart within one run, and means nothing in any other."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from hashlib import blake2b

_BYTES = 4


@dataclass(frozen=True)
class Salted:
    """Hashes with a salt of its own, drawn anew for every run and kept nowhere.

    Without the salt nobody can tell which of the few million identifiers there are was hashed, as with
    a plain hash of civil registration numbers anybody could by trying them all.
    """

    _salt: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def of(self, identifier: str) -> str:
        """Return 8 hexadecimal digits for an identifier: the same ones for the same in this run."""
        return blake2b(identifier.encode(), digest_size=_BYTES, key=self._salt).hexdigest()
