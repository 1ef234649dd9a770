// SPDX-License-Identifier: GPL-2.0-or-later
/** The map of one point: where it is, and where it was when a move waits for review. */
import { makeMap, makeMarker, showNeighbours } from "./map_base.js";

/** @param {HTMLElement} box */
export async function start(box) {
  const { map, data, maplibre } = await makeMap(box);
  showNeighbours(map, data, data.own).catch((error) => console.info(error.message));
  if (data.old) {
    const old = makeMarker("old");
    old.setAttribute("aria-label", data.words.old_place);
    old.disabled = true;
    new maplibre.Marker({ element: old, anchor: "bottom" }).setLngLat(data.old).addTo(map);
  }
  if (data.point) {
    const marker = makeMarker("");
    marker.setAttribute("aria-label", data.words.place);
    new maplibre.Marker({ element: marker, anchor: "bottom" }).setLngLat(data.point)
      .setPopup(new maplibre.Popup({ offset: 40 }).setText(data.words.place)).addTo(map);
  }
}
