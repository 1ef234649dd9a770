# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages for people: start, points, sign-in, users; server-rendered, working without scripts."""
