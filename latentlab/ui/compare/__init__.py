"""The Compare workspace: several networks in lockstep, side by side."""
