# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may do what on the addresses of photos; rows of the table of the rights matrix."""

from __future__ import annotations

from typing import Any

from tests.api.live_data import named_id

NOBODY = frozenset[str]()
NO_PHOTO = named_id("no photo")
FORM = {"data": {"action": "nothing"}}
UPLOADS = "/photos/uploads"


def photo_rows(
    case: Any,
    editors: frozenset[str],
    editors_out: frozenset[str],
    readers: frozenset[str],
    signed_in: frozenset[str],
) -> dict[str, dict[str, list[Any]]]:
    """Make the rows; what happens to photos that are there is tested in test_photos_api."""
    page = [
        (f"/my/points/{named_id('verified0')}/photos", {}),
        (f"/my/points/{named_id('draft0')}/photos", {"hidden_from": signed_in - readers}),
    ]
    anywhere = editors | editors_out
    one = f"{UPLOADS}/{NO_PHOTO}"
    gone = {"others": 404, "nobody": 404}
    return {
        "/my/points/{id}/photos": {
            verb: [case(address, editors, sent=sent, **more) for address, more in page]
            for verb, sent in (("GET", {}), ("HEAD", {}), ("POST", FORM))
        },
        "/my/points/{id}/photos/{photo_id}": {
            "POST": [
                case(f"{page[0][0]}/{NO_PHOTO}", NOBODY, hidden_from=editors, sent=FORM),
                case(f"{page[1][0]}/{NO_PHOTO}", NOBODY, sent=FORM,
                     hidden_from=editors | (signed_in - readers)),
            ]
        },
        "/photos/{photo_id}/{size}.jpg": {
            verb: [case(f"/photos/{NO_PHOTO}/thumb.jpg", NOBODY, **gone)]
            for verb in ("GET", "HEAD")
        },
        UPLOADS: {"POST": [case(UPLOADS, anywhere)], "OPTIONS": [case(UPLOADS)]},
        UPLOADS + "/{upload_id}": {"OPTIONS": [case(one)]}
        | {verb: [case(one, anywhere)] for verb in ("HEAD", "PATCH", "DELETE")},
    }  # fmt: skip
