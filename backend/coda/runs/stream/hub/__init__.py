"""The hub: carries stored frames and notifications from publishers to readers."""
