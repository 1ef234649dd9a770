# SPDX-License-Identifier: GPL-2.0-or-later
"""Vector tiles of what the public sees: encoding, building, and files that know when to go."""
