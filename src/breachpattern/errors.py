"""One family of exceptions: what happened, where, what was seen and what would work."""

from __future__ import annotations

import errno


class BreachpatternError(Exception):
    """Base of every error that a user can act on.

    Parameters
    ----------
    message : str
        What happened, in one plain sentence.
    where : str, optional
        File, table, row or column.
    hint : str, optional
        What would work instead.

    Examples
    --------
    >>> str(BreachpatternError("The file is empty.", where="incidents.csv", hint="Export it again."))
    'incidents.csv: The file is empty. Export it again.'
    """

    code = "error"

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        self.message = message
        self.where = where
        self.hint = hint
        super().__init__(message)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" {self.hint}" if self.hint else ""
        return f"{place}{sentence(self.message)}{advice}"

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.where, self.hint))


def _rebuild(kind: type[BreachpatternError], message: str, where: str | None, hint: str | None) -> BreachpatternError:
    return kind(message, where=where, hint=hint)


def sentence(text: str) -> str:
    """Return a text with a full stop, where nothing ends it.

    Examples
    --------
    >>> sentence("There is no table 'x'"), sentence("Why?")
    ("There is no table 'x'.", 'Why?')
    """
    return text if text.endswith((".", "!", "?", "…", ":")) else f"{text}."


class UsageError(BreachpatternError):
    """The call itself is wrong: an option, an argument, a combination (exit code 2)."""

    code = "usage"


class InputError(BreachpatternError):
    """A file, frame or database cannot be read as a table at all."""

    code = "input"


class MappingError(BreachpatternError):
    """A mapping file is not valid or does not fit the extract."""

    code = "mapping"


class CatalogueError(BreachpatternError):
    """A catalogue entry is missing or wrong."""

    code = "catalogue"


class PatternError(BreachpatternError):
    """A pattern, pack or filter file is wrong."""

    code = "pattern"


class OutputError(BreachpatternError):
    """The outputs cannot be written or read back."""

    code = "output"

    @classmethod
    def of_folder(cls, folder: object, error: OSError) -> OutputError:
        """Return the error that says why the system does not let a folder of outputs be written.

        Examples
        --------
        >>> str(OutputError.of_folder("run", OSError(30, "Read-only file system"))).split(". ")[0]
        'run: The outputs cannot be written: Read-only file system'
        """
        return cls(
            f"The outputs cannot be written: {error.strerror or error}.",
            where=str(folder),
            hint="Name a folder that you may write to, with room on its disk.",
        )


class RegisterError(BreachpatternError):
    """The register of decisions cannot be opened, read or written, or refuses what is asked."""

    code = "register"


class ScoringError(BreachpatternError, ValueError):
    """Rows, labels or a model do not fit: a ``ValueError`` too, as scikit-learn asks of estimators."""

    code = "scoring"


class MissingDependency(BreachpatternError):  # noqa: N818 - reads as what it is
    """An optional library is not installed; the message holds the exact install line."""

    code = "missing_dependency"

    @classmethod
    def for_extra(cls, library: str, extra: str, purpose: str) -> MissingDependency:
        """Return the error that names the install line for an extra.

        Examples
        --------
        >>> str(MissingDependency.for_extra("openpyxl", "excel", "read a workbook"))
        "openpyxl is needed to read a workbook. Install it with: pip install 'breachpattern[excel]'"
        """
        return cls(
            f"{library} is needed to {purpose}.",
            hint=f"Install it with: pip install 'breachpattern[{extra}]'",
        )


def is_shortage(error: BaseException) -> bool:
    """Return whether an error means that the memory ran out: allocations, threads, processes and libraries need some.

    Examples
    --------
    >>> is_shortage(MemoryError()), is_shortage(OSError(12, "Cannot allocate memory")), is_shortage(OSError(2, "no"))
    (True, True, False)
    """
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    words = ("cannot allocate memory", "failed to map segment", "can't start new thread", "bad_alloc")
    if isinstance(error, (ImportError, OSError, RuntimeError)) and any(word in str(error).lower() for word in words):
        return True
    before = error.__cause__ or error.__context__
    return before is not None and is_shortage(before)


class ResourceError(BreachpatternError):
    """The machine gave out: no memory left, or a worker process is gone."""

    code = "resource"
    BOUND = (
        "Nothing was written. `breachpattern score` keeps to a bound with --memory (such as --memory 2GB) and fewer "
        "--workers, and scores on Spark (breachpattern.spark)."
    )

    @classmethod
    def of_memory(cls, doing: str) -> ResourceError:
        """Return the error that says during what the memory ran out.

        Examples
        --------
        >>> str(ResourceError.of_memory("reading incidents")).split(". ")[0]
        'The memory ran out while reading incidents'
        """
        return cls(f"The memory ran out while {doing}.", hint=cls.BOUND)
