# SPDX-License-Identifier: GPL-2.0-or-later
"""All processes of a site, from the packages that the settings name."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping, Sequence
from importlib import import_module

from geoapi.errors import UsageError
from geoapi.process_model import Process

type Processes = Mapping[str, Process]


def load_processes(packages: Sequence[str]) -> Processes:
    """Import every module of the packages and return its processes, {id: process}.

    Args:
        packages: dotted names, such as ``geoapi.processes``.

    Raises:
        UsageError: no such package, or two processes of one name.
    """
    found: dict[str, Process] = {}
    for name in packages:
        try:
            package = import_module(name)
        except ImportError as error:
            raise UsageError("jobs.no_package", name=name, reason=str(error)) from error
        folders = list(getattr(package, "__path__", ()))
        for module in sorted(pkgutil.iter_modules(folders), key=lambda m: m.name):
            process = getattr(import_module(f"{name}.{module.name}"), "PROCESS", None)
            if not isinstance(process, Process):
                continue
            if process.id in found:
                raise UsageError("jobs.two_processes", id=process.id)
            found[process.id] = process
    return found
