"""The hub: carries stored frames and notifications from whoever publishes to whoever watches."""
