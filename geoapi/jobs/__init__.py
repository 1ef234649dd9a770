# SPDX-License-Identifier: GPL-2.0-or-later
"""Jobs: put into the queue, claimed, run in processes that may be killed, kept for a while."""
