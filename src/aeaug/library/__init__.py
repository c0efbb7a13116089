"""The augmentation without the experiment: a transform for anybody's own PyTorch loop, and data sets that it makes.

Training, codes and perturbations are those of a run; what is here is how they are asked for and kept.
"""
