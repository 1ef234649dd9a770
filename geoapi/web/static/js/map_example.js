// SPDX-License-Identifier: GPL-2.0-or-later
// All a page needs to show Pakmud's service points: MapLibre, one address, this file.
const API = new URL("/ogc/collections", import.meta.url).href;

export async function start(box) {
  const { Map, Popup } = await import(box.dataset.maplibre);
  const read = async (path) => (await fetch(`${API}/${path}`)).json();

  const points = await read("service-points/items?limit=1000");
  const districts = await read("districts/items?limit=100");
  const middle = points.features.find((point) => point.geometry).geometry.coordinates;

  const map = new Map({
    container: box,
    center: middle,
    zoom: 9,
    style: {
      version: 8,
      sources: {
        districts: { type: "geojson", data: districts },
        points: { type: "geojson", data: points },
      },
      layers: [
        { id: "districts", type: "fill", source: "districts",
          paint: { "fill-color": "#eef3e6", "fill-outline-color": "#7a8b6f" } },
        { id: "points", type: "circle", source: "points",
          paint: { "circle-radius": 6, "circle-color": "#b3001b",
                   "circle-stroke-color": "#fff", "circle-stroke-width": 1.5 } },
      ],
    },
  });
  map.on("click", "points", ({ features: [point], lngLat }) =>
    new Popup().setLngLat(lngLat).setText(point.properties.name_th).addTo(map));
  await map.once("load");
  box.dataset.points = String(points.features.length);
}
