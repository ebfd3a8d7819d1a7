"""How many histories are enough: how a mean settles, and what chance still leaves open."""
