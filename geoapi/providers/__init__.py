# SPDX-License-Identifier: GPL-2.0-or-later
"""Providers that let pygeoapi read from the store; the thin boundary to it."""
