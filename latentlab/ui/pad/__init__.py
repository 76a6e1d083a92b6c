"""The pad: draw an image of your own, and see what the network makes of it."""
