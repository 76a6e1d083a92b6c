"""The mathematics and the model: objective, network, checkpoint. No Qt, no threads."""
