"""Validation: the model held against published figures, target by target."""
