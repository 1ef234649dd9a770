// SPDX-License-Identifier: GPL-2.0-or-later
/** The live map of a review: the old place, the new one, and the way between them. */
import { makeMap, makeMarker, showNeighbours } from "./map_base.js";

/** @param {HTMLElement} box */
export async function start(box) {
  const { map, data, maplibre } = await makeMap(box);
  showNeighbours(map, data, data.own).catch((error) => console.info(error.message));
  if (data.old && data.point) {
    map.addSource("move", {
      type: "geojson",
      data: { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: [data.old, data.point] } },
    });
    map.addLayer({ id: "move", type: "line", source: "move", paint: { "line-color": "#33414d", "line-width": 3, "line-dasharray": [2, 1] } });
  }
  for (const [place, className, words] of [[data.old, "old", data.words.old_place], [data.point, "", data.words.place]]) {
    if (!place) continue;
    const element = makeMarker(className);
    element.setAttribute("aria-label", words);
    element.disabled = className === "old";
    new maplibre.Marker({ element, anchor: "bottom" }).setLngLat(place).addTo(map);
  }
}
