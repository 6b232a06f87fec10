"""tensorls: know every tensor before you run."""

__version__ = "0.1.0"
