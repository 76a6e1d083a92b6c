"""The stages of the data's way through a VAE in their order; the last two are of training."""

BATCH, ENCODE, SAMPLE, DECODE, TERMS, GRADIENTS, STEP = range(7)
