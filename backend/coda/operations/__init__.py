"""Running an instance: health, readiness, metrics, the web app's files, clean-up, backup."""
