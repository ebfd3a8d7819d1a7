"""What happens: children and caseworkers on the intervention staircase, month by month."""
