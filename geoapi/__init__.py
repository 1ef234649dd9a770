# SPDX-License-Identifier: GPL-2.0-or-later
"""Pakmud's server: an OGC API for government service points, its store, accounts and pages."""

__version__ = "0.1.0"
