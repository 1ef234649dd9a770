# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes of the product: one module each, with one value ``PROCESS``."""
