"""Experiment scripts: one file per question, and the file name is the question.

Each takes the same five options (`--replicates --workers --seed --out --quick`), runs with
`python -m experiments.scripts.<question>`, and holds no analysis: copy one to ask your own.
"""
