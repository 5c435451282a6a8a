"""Errors a user can meet: one line with what was found, what was expected and what to do next."""

from collections.abc import Callable


class InterplayError(Exception):
    """Base of every error that a user's input can raise.

    The message is one line: what was found, what was expected, the next step.
    """

    def __init__(self, found: str, *, expected: str, next_step: str):
        self.found = found
        self.expected = expected
        self.next_step = next_step
        super().__init__(f"{found}; expected {expected}. Next: {next_step}.")

    def __reduce__(self) -> tuple[Callable[..., "InterplayError"], tuple[type["InterplayError"], dict[str, str]]]:
        """Errors cross process borders: workers raise them too."""
        return _rebuilt, (type(self), {"expected": self.expected, "next_step": self.next_step, "found": self.found})


def _rebuilt(kind: type[InterplayError], parts: dict[str, str]) -> InterplayError:
    return kind(**parts)


class InputError(InterplayError, ValueError):
    """An argument has a value that cannot be used."""


class ShapeError(InputError):
    """Arrays that belong together have shapes or lengths that do not fit."""


class MarginsError(InputError):
    """The three tables contradict each other, so no joint agrees with all of them."""


class SparseError(InputError):
    """There are too few rows to say anything."""


class UnknownNameError(InterplayError, KeyError):
    """A modality, class or column name that does not exist."""

    def __str__(self) -> str:  # KeyError would show the repr of the message
        return str(self.args[0])


class FileError(InterplayError, OSError):
    """A file that cannot be read, written or trusted."""

    def __str__(self) -> str:
        return str(self.args[0])


class SolverError(InterplayError, ArithmeticError):
    """A solver returned a point whose certificate is not good enough."""


class MissingExtraError(InterplayError, ImportError):
    """An optional package is needed and not installed."""
