"""How Lightning is used here: the trainer, atomic checkpoints, progress, TensorBoard, divergence, threads."""
