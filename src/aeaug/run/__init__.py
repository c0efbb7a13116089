"""One run's life: its options and claims, its parts, its folder, its pipeline, its rows; and measuring it again."""
