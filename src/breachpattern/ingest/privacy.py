"""Privacy at the door: references of people become keyed pseudonyms, and what scoring does not need is not kept.

A pseudonym is the first 80 bits of HMAC-SHA256 (RFC 2104) of the reference under the key of the force. The same key
gives the same pseudonym in every table and every run; without the key nobody can tell, or try out, who it is. The way
back is a file of its own, written only where somebody asks for it.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.errors import InputError
from breachpattern.records.cells import normal

SHORTEST_KEY, KEY_BYTES = 16, 32
MARK = "ps-"  # how a pseudonym begins
WRITABLE = "Name a file in a folder that is there, and that you may write to."
# By table: the columns that refer to a person.
PEOPLE = {
    "incidents": ("suspect_id", "victim_id"),
    "orders": ("respondent_id", "protected_id"),
    "persons": ("person_id",),
    "associations": ("person_id", "other_id"),
}
# What tells one record from another, and may stay beside a rejected row.
RECORDS = {"incidents": ("incident_id",), "orders": ("order_id", "version"), "persons": (), "associations": ()}
# By table: what scoring never asks for. Of people, all that only linking asks for, where it does not run.
NOT_NEEDED = {"incidents": ("narrative",), "orders": ("court",), "persons": (), "associations": ()}
ONLY_FOR_LINKING = ("given_name", "surname", "date_of_birth", "sex", "pnc_id", "cro_number")
# Headers of data that Data Protection Act 2018 s.35(8) calls sensitive, as forces write them.
SPECIAL_CATEGORIES = (
    "ethnicity", "ethnic", "ethnic origin", "ethnic appearance", "self defined ethnicity",
    "officer defined ethnicity", "ea code", "ic code", "race", "nationality and race", "religion", "faith", "belief",
    "religion or belief", "political opinion", "political opinions", "trade union", "trade union membership", "dna",
    "fingerprints", "biometric", "biometrics", "health", "medical", "medical conditions", "mental health",
    "disability", "disabilities", "sexual orientation", "sexuality", "sex life", "gender identity",
    "gender reassignment", "transgender",
)  # fmt: skip


@dataclass(frozen=True)
class Privacy:
    """What is done to an extract as it is read.

    Parameters
    ----------
    key : bytes, optional
        Makes pseudonyms of references; without it references stay as they are.
    minimise : bool, default False
        Keep nothing that scoring does not need.
    linking : bool, default True
        Names, birth dates and numbers of people are needed to say who is who.
    special_categories : tuple of str
        Headers of special-category columns that may be kept beside rejected rows all the same.

    Attributes
    ----------
    known : dict of str to str
        The pseudonym of every reference met so far: the way back.

    Examples
    --------
    >>> privacy = Privacy(b"a key of sixteen or more bytes")
    >>> privacy.pseudonyms(pa.array(["P1", None, "P1"])).to_pylist()
    ['ps-u4jbsivadwajp4i2', None, 'ps-u4jbsivadwajp4i2']
    """

    key: bytes | None = None
    minimise: bool = False
    linking: bool = True
    special_categories: tuple[str, ...] = ()
    known: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def settings(self) -> dict[str, Any]:
        """What a summary says of it, nothing where it does nothing: of the key, enough to tell another from it."""
        if not self.shields and not self.special_categories:
            return {}
        told = hmac.digest(self.key, b"breachpattern", "sha256").hex()[:16] if self.key is not None else None
        return {"pseudonyms": told, "minimise": self.minimise, "special_categories": list(self.special_categories)}

    @property
    def shields(self) -> bool:
        """Whether values of cells stay out of issues and rejected rows."""
        return self.key is not None or self.minimise

    def pseudonyms(self, texts: pa.Array) -> pa.Array:
        """Return the pseudonym of each reference; null stays null, and without a key all stay as they are."""
        if self.key is None:
            return texts
        encoded = pc.dictionary_encode(texts)
        named = [self._pseudonym(text) for text in encoded.dictionary.to_pylist()]
        return pa.array(named, pa.string()).take(encoded.indices)

    def _pseudonym(self, text: str) -> str:
        if text not in self.known:
            digest = hmac.digest(self.key or b"", text.encode(), "sha256")
            self.known[text] = MARK + base64.b32encode(digest[:10]).decode().lower()
        return self.known[text]

    def file(self, table: str, name: str) -> str:
        """Return what a file is called in outputs: under a key by the table it holds, for its name may name somebody.

        Examples
        --------
        >>> Privacy(b"a key of sixteen or more bytes").file("orders", "J Smith.csv")
        'orders'
        """
        return name if self.key is None else table

    def columns(self, table: str, columns: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
        """Return canonical columns with pseudonyms for people, and without what is not needed."""
        out = dict(columns)
        for name in PEOPLE[table]:
            if name in out:
                out[name] = self.pseudonyms(out[name])
        if self.minimise:
            only = ONLY_FOR_LINKING if table == "persons" and not self.linking else ()
            for name in (*NOT_NEEDED[table], *only):
                out.pop(name, None)
        return out

    def refuses(self, header: str) -> bool:
        """Return whether a source column is of a special category and was not asked for by name.

        Examples
        --------
        >>> Privacy().refuses("Ethnic Appearance"), Privacy(special_categories=("religion",)).refuses("RELIGION")
        (True, False)
        """
        name = _plain(header)
        return name in SPECIAL_CATEGORIES and name not in map(_plain, self.special_categories)

    def rejected(self, table: str, part: Mapping[str, pa.Array], rows: np.ndarray[Any, np.dtype[np.int64]]) -> pa.Table:
        """Return what may stand beside rejected rows where values are shielded: which record, and whom by pseudonym."""
        shown = [name for name in (*RECORDS[table], *PEOPLE[table]) if name in part]
        return pa.table({name: part[name].take(pa.array(rows)) for name in shown})

    def write_way_back(self, path: str | Path) -> Path:
        """Write the way back, readable by its owner alone: ``reference,pseudonym``, sorted by reference.

        Raises
        ------
        OutputError
            Where it cannot be written.
        """
        import csv
        import os

        from breachpattern.errors import OutputError

        path = Path(path)
        try:
            with open(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline=""
            ) as file:
                lines = csv.writer(file, lineterminator="\n")
                lines.writerow(("reference", "pseudonym"))
                lines.writerows(sorted(self.known.items()))
        except FileExistsError:
            raise OutputError(
                "The file exists, and may be the way back of another run.", where=str(path), hint="Name a new file."
            ) from None
        except OSError as error:
            path.unlink(missing_ok=True)  # half of it would be in the way of the next
            raise OutputError(
                f"The way back cannot be written: {error.strerror}.", where=str(path), hint=WRITABLE
            ) from None
        return path


def check_way_back(path: Path) -> None:
    """Raise :class:`OutputError` where a way back could not be written to a path."""
    import os

    from breachpattern.errors import OutputError

    if path.exists():
        raise OutputError(
            "The file exists, and may be the way back of another run.", where=str(path), hint="Name a new file."
        )
    if not os.access(path.parent, os.W_OK):
        raise OutputError(
            "The way back cannot be written.", where=str(path), hint="Name a file in a folder that you may write to."
        )


def _plain(header: str) -> str:
    return normal(header).replace("_", " ").replace("-", " ")


def read_key(path: str | Path) -> bytes:
    """Return the key in a file.

    Raises
    ------
    InputError
        Where there is none, or it is too short to keep a secret.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     len(read_key(new_key(Path(folder, "key"))))
    44
    """
    make = "Make one with: breachpattern new-key FILE"
    try:
        key = Path(path).read_bytes().strip()
    except OSError as error:
        raise InputError(f"The key cannot be read: {error.strerror}.", where=str(path), hint=make) from None
    if len(key) < SHORTEST_KEY:
        raise InputError(
            f"A key of {len(key)} bytes can be guessed; it needs at least {SHORTEST_KEY}.", where=str(path), hint=make
        )
    return key


def new_key(path: str | Path) -> Path:
    """Write a new random key, readable by its owner alone, and return its path.

    Raises
    ------
    OutputError
        Where the file exists or cannot be written.
    """
    import os
    import secrets

    from breachpattern.errors import OutputError

    path = Path(path)
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
    except FileExistsError:
        raise OutputError(
            "The file exists, and may be a key in use.", where=str(path), hint="Name a new file."
        ) from None
    except OSError as error:
        path.unlink(missing_ok=True)  # half a key is none
        raise OutputError(f"The key cannot be written: {error.strerror}.", where=str(path), hint=WRITABLE) from None
    return path
