"""Results of parts that are done, kept in a file line by line, so that a study can go on later."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hokan.errors import OutputError
from hokan.evaluation.imputation_studies.design import Part
from hokan.table import check_writable


class FinishedParts:
    """Records of finished parts, in memory and in a file of JSON lines.

    The first line holds the settings on which every record depends. Each record is written as one
    line and forced to the disk before the next part counts as done.

    Parameters
    ----------
    path : Path or None
        The file; made with the first record. None: records are kept in memory alone.
    settings : mapping
        What the records depend on besides their part.

    Raises
    ------
    OutputError
        If the file cannot be read or written, is none of this kind, or is of a study with other
        settings.

    Attributes
    ----------
    notes : list of str
        What was found in the file, in sentences.
    """

    def __init__(self, path: Path | None, settings: Mapping[str, Any]) -> None:
        self._path = path
        self._settings = json.loads(json.dumps(dict(settings)))
        self._records: dict[Part, dict[str, Any]] = {}
        self.notes: list[str] = []
        if path is None:
            return
        check_writable(path)
        if path.exists():
            self._read(path)

    def __contains__(self, part: Part) -> bool:
        return part in self._records

    def __getitem__(self, part: Part) -> dict[str, Any]:
        return self._records[part]

    def __len__(self) -> int:
        return len(self._records)

    def add(self, part: Part, record: Mapping[str, Any]) -> None:
        """Keep the record of a part.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        self._records[part] = dict(record)
        if self._path is None:
            return
        begun = self._path.exists() and self._path.stat().st_size > 0
        lines = [] if begun else [{"settings": self._settings}]
        lines.append({"part": part.form, "record": dict(record)})
        text = "".join(json.dumps(line, allow_nan=True) + "\n" for line in lines)
        try:
            with open(self._path, "ab") as file:
                file.write(text.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise OutputError(
                f"{self._path}: cannot be written: {error.strerror or error}."
            ) from error

    def _read(self, path: Path) -> None:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise OutputError(f"{path}: cannot be read: {error.strerror or error}.") from error
        whole, _, rest = data.rpartition(b"\n")
        if rest:
            self._cut(path, len(data) - len(rest))
        for number, line in enumerate(whole.splitlines(), start=1):
            try:
                found = json.loads(line)
                if number == 1:
                    self._check(path, found["settings"])
                else:
                    self._records[Part(**found["part"])] = dict(found["record"])
            except (ValueError, KeyError, TypeError) as error:
                if isinstance(error, OutputError):
                    raise
                raise OutputError(
                    f"{path}, line {number}: is no result of a study as hokan writes them. Move "
                    "the file away, or name another folder."
                ) from error
        if self._records:
            self.notes.append(f"{len(self._records)} finished parts are there already: {path}.")

    def _cut(self, path: Path, size: int) -> None:
        """Take a line away that was not written to its end."""
        try:
            os.truncate(path, size)
        except OSError as error:
            raise OutputError(f"{path}: cannot be written: {error.strerror or error}.") from error
        self.notes.append(
            f"{path}: the last line was not written to its end, as when a process is killed; it "
            "was dropped, and its part is done again."
        )

    def _check(self, path: Path, found: Mapping[str, Any]) -> None:
        keys = dict.fromkeys((*self._settings, *found))
        differing = [key for key in keys if self._settings.get(key) != found.get(key)]
        if differing:
            told = "; ".join(
                f"{key}: {_short(found.get(key))} there, {_short(self._settings.get(key))} now"
                for key in differing
            )
            raise OutputError(
                f"{path}: has parts of a study with other settings, which cannot stand beside new "
                f"ones ({told}). Name another folder, or move this file away."
            )


def _short(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
