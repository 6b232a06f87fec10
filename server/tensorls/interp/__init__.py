"""The abstract interpreter: runs a program on values that are known only in part, and notes what it learns."""
