"""Why something cannot be done with a model that gives neither weights nor gradients."""

NOT_TRAINED = (
    "Training needs the weights and their gradients, and an ONNX model gives neither: all that "
    "only encodes and decodes works."
)
NOT_SAVED = (
    "This needs the weights, and those of an ONNX model are not read: its two files are its copy."
)
NOT_PULLED = (
    "Forces are gradients through encoder and decoder, and an ONNX model gives none: all that "
    "only encodes and decodes works."
)
NOT_IMPROVED = (
    "q is improved by gradients through the decoder, and an ONNX model gives none: the best "
    "Gaussian is found without them."
)
NOT_COMPARED = (
    "Compare trains networks of latentlab side by side, and an ONNX model cannot be one of them: "
    "open another model first."
)
