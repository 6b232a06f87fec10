"""Quick fixes: one file a fix.  Each takes a diagnostic and the source and offers edits, or nothing."""

from tensorls.fixes.registry import fixes_for

__all__ = ["fixes_for"]
