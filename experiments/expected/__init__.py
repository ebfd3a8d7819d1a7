"""Expected values: `trappe compare --expected`, and how far they are from simulated means."""
