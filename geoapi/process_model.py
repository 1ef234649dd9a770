# SPDX-License-Identifier: GPL-2.0-or-later
"""What a process is: one definition that the API, the pages, the workers and the docs read.

A process is one file in a package of processes (``geoapi/processes``, or one of the site's own)
with one value ``PROCESS``.  Its function runs in a process of its own that may be killed at any
moment and that can't write to the store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from geoapi.messages import Language
from geoapi.rights import Viewer
from geoapi.site import Site
from geoapi.types import JsonObject, Permission

JSON_TYPE = "application/json"


@dataclass(frozen=True)
class ResultFile:
    """A result that is a file.

    Attributes:
        name: in the folder of the run; people download it under this name.
        media_type: with charset where it is text.
    """

    name: str
    media_type: str


@dataclass(frozen=True)
class ProcessRun:
    """What a process function works with.

    Attributes:
        site: settings and a store that only reads.
        viewer: who asked, with the grants of now; rights belong inside every query.
        folder: empty folder of this run for files.
        report: called with percent (0 to 100) and the id and parameters of a message.
    """

    site: Site
    viewer: Viewer
    folder: Path
    report: Callable[[int, str, Mapping[str, Any]], None]

    def progress(self, percent: int, message_id: str = "", **params: Any) -> None:  # noqa: ANN401
        """Say how far the work is.

        Args:
            percent: 0 to 100.
            message_id: sentence of ``data/messages``, '' for none.
            params: values of its placeholders; no person data.
        """
        self.report(max(0, min(100, percent)), message_id, params)

    def write(self, name: str, media_type: str, content: bytes) -> ResultFile:
        """Write a result into the folder of the run.

        Args:
            name: of the file.
            media_type: of its content.
            content: all of it.
        """
        (self.folder / name).write_bytes(content)
        return ResultFile(name, media_type)


# Returns {output: any JSON, or a ResultFile}; raises ServicePointError for what the caller can
# mend.
type ProcessFunction = Callable[[ProcessRun, JsonObject], Mapping[str, Any]]


@dataclass(frozen=True)
class ProcessInput:
    """One input.

    Attributes:
        title_th: in Thai.
        title_en: in English.
        schema: JSON Schema 2020-12 of one value; a ``default`` makes the input optional.
        description_th: one sentence, '' for none.
        description_en: the same in English.
        required: whether it must be given.
        most: how many values; more than one makes the input a list.
    """

    title_th: str
    title_en: str
    schema: JsonObject
    description_th: str = ""
    description_en: str = ""
    required: bool = False
    most: int = 1

    def title(self, language: Language) -> str:
        """Return the title in a language."""
        return self.title_th if language == "th" else self.title_en

    def description(self, language: Language) -> str:
        """Return the description in a language."""
        return self.description_th if language == "th" else self.description_en


@dataclass(frozen=True)
class ProcessOutput:
    """One output.

    Attributes:
        title_th: in Thai.
        title_en: in English.
        schema: of a JSON value; for a file {type: string, contentMediaType}.
        media_type: of the value when it is sent alone.
    """

    title_th: str
    title_en: str
    schema: JsonObject
    media_type: str = JSON_TYPE

    def title(self, language: Language) -> str:
        """Return the title in a language."""
        return self.title_th if language == "th" else self.title_en


@dataclass(frozen=True)
class Process:
    """The definition of a process.

    Attributes:
        id: in addresses.
        title_th: in Thai.
        title_en: in English.
        description_th: what it does, in Thai.
        description_en: the same in English.
        version: of inputs and outputs.
        inputs: {name: input}, in the order of forms.
        outputs: {name: output}, the most wanted first.
        function: does the work.
        permission: who may run it, '' for everybody.
        is_sync: answers at once, from the engine.
        is_async: runs as a job.
        sync_s: time of an answer at once, seconds; never more than the setting.
        job_s: time of a job, seconds; never more than the setting.
        keywords: for searches.
    """

    id: str
    title_th: str
    title_en: str
    description_th: str
    description_en: str
    version: str
    inputs: Mapping[str, ProcessInput]
    outputs: Mapping[str, ProcessOutput]
    function: ProcessFunction
    permission: Permission | Literal[""] = ""
    is_sync: bool = True
    is_async: bool = True
    sync_s: float = 5.0
    job_s: float = 600.0
    keywords: tuple[str, ...] = field(default=())

    def title(self, language: Language) -> str:
        """Return the title in a language."""
        return self.title_th if language == "th" else self.title_en

    def description(self, language: Language) -> str:
        """Return the description in a language."""
        return self.description_th if language == "th" else self.description_en

    @property
    def control_options(self) -> list[str]:
        """Return the jobControlOptions of OGC API Processes."""
        names = {
            "sync-execute": self.is_sync,
            "async-execute": self.is_async,
            "dismiss": self.is_async,
        }
        return [name for name, is_there in names.items() if is_there]
