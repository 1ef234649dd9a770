// SPDX-License-Identifier: GPL-2.0-or-later
/** Leaflet: GeoJSON of the view, asked for again when the map has moved. */
import { begin, card, firstView, language, nameOf } from "./words.js";

const { L } = globalThis;
const box = begin("leaflet");
const [west, south, east, north] = await firstView();
const map = L.map(box, { maxZoom: 19, attributionControl: false }).fitBounds([[south, west], [north, east]]);

const read = async (path) => (await fetch(`/ogc/collections/${path}`)).json();
const inView = () => map.getBounds().toBBoxString();

const ground = L.geoJSON(null, {
  interactive: false,
  style: { color: "#8b98a4", weight: 1, fillColor: "#fbfaf4", fillOpacity: 1 },
}).addTo(map);
const names = L.layerGroup().addTo(map);
const points = L.geoJSON(null, {
  pointToLayer: (_, place) => L.circleMarker(place, {
    radius: 7, color: "#fff", weight: 1.5, fillColor: "#b3001b", fillOpacity: 1,
  }),
  onEachFeature: (feature, layer) => layer.bindPopup(() => card(feature.properties)),
}).addTo(map);

async function showAreas() {
  const areas = await read(`districts/items?bbox=${inView()}&limit=100`);
  ground.clearLayers().addData(areas);
  names.clearLayers();
  ground.eachLayer((layer) => {
    const html = document.createElement("div");
    html.className = "label";
    html.lang = language;
    html.textContent = nameOf(layer.feature.properties);
    const icon = L.divIcon({ html, className: "", iconSize: [120, 20] });
    L.marker(layer.getBounds().getCenter(), { icon, interactive: false, keyboard: false }).addTo(names);
  });
  hideCrowded();
}

/** Of names that lie upon each other, show the first. */
function hideCrowded() {
  const kept = [];
  for (const layer of names.getLayers()) {
    const label = layer.getElement().firstChild;
    const range = document.createRange();
    range.selectNodeContents(label);
    const own = range.getBoundingClientRect();
    label.hidden = kept.some((r) => own.left < r.right && own.right > r.left && own.top < r.bottom && own.bottom > r.top);
    if (!label.hidden) kept.push(own);
  }
}

async function show() {
  await showAreas();
  const found = await read(`service-points/items?bbox=${inView()}&limit=500`);
  points.clearLayers().addData(found.features.filter((feature) => feature.geometry));
  points.bringToFront();
  box.dataset.shown = String(points.getLayers().length);
  box.dataset.names = String(names.getLayers().length);
}

map.on("moveend", show);
await show();
