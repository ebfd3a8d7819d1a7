"""Staffing: how many caseworkers, and how often a follow-up? A race between choices."""
