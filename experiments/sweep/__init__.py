"""Sweeps: many rows of a design (scenario, policy, parameters, draw), run anywhere, kept in chunks."""
