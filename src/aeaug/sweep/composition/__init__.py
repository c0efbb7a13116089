"""From what is typed to checked options, through Hydra; and what an arm is called."""
