"""Pictures, one file for each kind; all of them are offered by `experiments.plots`."""
