# SPDX-License-Identifier: GPL-2.0-or-later
"""Run the command line with ``python -m geoapi``."""

from geoapi.cli import main

main()
