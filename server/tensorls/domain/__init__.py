"""Frozen data that every layer speaks in: dimensions, tensors, Python values, facts. Imports nothing of ours."""
