"""How long a thread of PyTorch's on the CPU that waits for others holds its core: a hundredth of what is usual, for it
may be the core that they wait for (README, Speed).

GNU's OpenMP reads it when PyTorch is imported, here or in a process begun here: a program imports this before.
"""

import os

if not {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"} & os.environ.keys():  # the user's own word counts
    os.environ["GOMP_SPINCOUNT"] = "3000"
