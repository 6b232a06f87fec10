"""Diagnostics: one file a rule.  A rule turns what the interpreter saw into what the user is told."""

from tensorls.rules.registry import RULES, Rule, diagnose

__all__ = ["RULES", "Rule", "diagnose"]
