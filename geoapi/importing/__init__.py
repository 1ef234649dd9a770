# SPDX-License-Identifier: GPL-2.0-or-later
"""The pure half of ``pakmud import``: read files, understand rows, say what is wrong with each.

Nothing in this package opens a store. ``readers.read_rows`` gives rows of any accepted format,
``service_points``, ``areas``, ``agencies`` and ``holidays`` turn rows into drafts.
"""
