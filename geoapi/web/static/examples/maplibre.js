// SPDX-License-Identifier: GPL-2.0-or-later
/** MapLibre GL: one style address holds sources, layers and names. */
import { Map, NavigationControl, Popup } from "/vendor/maplibre-gl/maplibre-gl.mjs";
import { begin, card, firstView, language } from "./words.js";

const box = begin("maplibre");
const [west, south, east, north] = await firstView();
const map = new Map({
  container: box,
  style: `/ogc/styles/pakmud-${language}?f=mapbox`,
  bounds: [[west, south], [east, north]],
  fitBoundsOptions: { padding: 30 },
  maxZoom: 19,
});
map.addControl(new NavigationControl({ showCompass: false }));

map.on("click", "points", ({ features: [feature] }) => {
  const { coordinates } = feature.geometry;
  if (feature.properties.count > 1) return map.easeTo({ center: coordinates, zoom: map.getZoom() + 2 });
  return new Popup().setLngLat(coordinates).setDOMContent(card(feature.properties)).addTo(map);
});
map.on("mousemove", (event) => {
  map.getCanvas().style.cursor = map.queryRenderedFeatures(event.point, { layers: ["points"] }).length ? "pointer" : "";
});
map.on("idle", () => {
  const shown = map.queryRenderedFeatures({ layers: ["points"] });
  box.dataset.shown = String(shown.length);
  box.dataset.names = String(map.queryRenderedFeatures({ layers: ["district-names", "province-names"] }).length);
});

// for whoever drives the page from outside: where a point is on the screen, and whether all is drawn
globalThis.examplePoint = () => {
  const [feature] = map.queryRenderedFeatures({ layers: ["points"] });
  const { x, y } = map.project(feature.geometry.coordinates);
  const { left, top } = box.getBoundingClientRect();
  return [left + x, top + y];
};
globalThis.exampleIdle = () => !map.isMoving() && map.areTilesLoaded();
