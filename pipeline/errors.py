"""The one exception that is meant for a person."""


class UserError(Exception):
    """What went wrong and how to mend it, in one sentence; a command prints it and ends with exit code 2."""
