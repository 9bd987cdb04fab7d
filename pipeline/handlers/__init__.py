"""The Lambda entry points, one a module: each reads its event and its environment, and calls one function."""
