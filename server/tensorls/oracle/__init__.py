"""Asking the user's torch and NumPy: questions, the process that answers, the memo, probing and decoding."""
