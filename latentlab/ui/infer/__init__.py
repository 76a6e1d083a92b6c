"""The Infer workspace: the true posterior of one image, and every nat between it and q."""
