# SPDX-License-Identifier: GPL-2.0-or-later
"""The OGC API under ``/ogc``: own routes for items, writes and changes, pygeoapi for the rest."""
