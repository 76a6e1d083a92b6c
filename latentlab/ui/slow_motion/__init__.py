"""One optimiser step in slow motion: from the batch to the moved weights, stage by stage."""
