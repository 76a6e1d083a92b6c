"""What the pages on Gaussians share: the two of them, and the plane on which they are dragged."""
