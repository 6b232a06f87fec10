"""What runs under the user's interpreter: answers questions about torch and NumPy by really running them.

Imports the standard library, torch and NumPy only, never ``tensorls``; see ``main.py`` for how it is started.
"""
