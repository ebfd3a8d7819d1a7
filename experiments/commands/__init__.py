"""Commands of `trappe`, one file each; `experiments/cli.py` registers them."""
