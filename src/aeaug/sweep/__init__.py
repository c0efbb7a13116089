"""What Hydra adds: composition, a sweep's plan and its bar."""
