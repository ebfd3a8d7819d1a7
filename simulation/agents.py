"""The agents: Child and Caseworker.

To change a behaviour, subclass one and hand the class to `PlacementModel` (`child_class=...`,
`caseworker_class=...`). To change a rule for both engines, change it in `rules.py`.
"""

from simulation.caseworker import Caseworker
from simulation.child import Child

__all__ = ["Caseworker", "Child"]
