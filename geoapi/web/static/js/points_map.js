// SPDX-License-Identifier: GPL-2.0-or-later
/** The map of the start page: all points of the view in clusters, a popup for each. */
import { makeMap, readAll } from "./map_base.js";

const PAGE = 1000;

/** @param {string} filters further query parameters of the page's own search */
function addressOf(map, filters) {
  const box = map.getBounds().toArray().flat().map((v) => v.toFixed(4)).join(",");
  return `/ogc/collections/service-points/items?limit=${PAGE}&bbox=${box}${filters}`;
}

/** Build a popup's content with text nodes only: names come from people. */
function popupContent(feature, data) {
  const p = feature.properties;
  const holder = document.createElement("div");
  const name = document.createElement("a");
  name.href = p.short_code ? `/p/${encodeURIComponent(p.short_code)}` : `/ogc/collections/service-points/items/${feature.id}`;
  name.className = "tap";
  name.textContent = p[`name_${data.language}`] || p.name_th;
  const kind = document.createElement("div");
  kind.textContent = data.categories[p.category] ?? p.category;
  const status = document.createElement("div");
  status.textContent = data.statuses[p.status] ?? "";
  holder.append(name, kind, status);
  return holder;
}

/** @param {HTMLElement} box */
export async function start(box) {
  const { map, data, maplibre } = await makeMap(box);
  const known = new Map();
  map.addSource("points", {
    type: "geojson", data: { type: "FeatureCollection", features: [] }, cluster: true, clusterRadius: 44, clusterMaxZoom: 14,
  });
  map.addLayer({ id: "points", type: "symbol", source: "points",
    layout: {
      "icon-image": ["case", ["has", "point_count"], ["concat", "cluster:", ["to-string", ["get", "point_count"]]],
        ["concat", "symbol:", ["get", "category"]]],
      // drawn in any case, and names of districts that would lie beneath give way
      "icon-allow-overlap": true, "icon-ignore-placement": false,
    } });

  async function show() {
    for (const feature of await readAll(addressOf(map, data.filters))) {
      if (feature.geometry) known.set(feature.id, { ...feature, properties: { ...feature.properties, key: feature.id } });
    }
    map.getSource("points").setData({ type: "FeatureCollection", features: [...known.values()] });
    box.dataset.points = String(known.size);
  }

  function open(feature) {
    new maplibre.Popup({ maxWidth: "18rem" })
      .setLngLat(feature.geometry.coordinates).setDOMContent(popupContent(feature, data)).addTo(map);
  }

  map.on("click", "points", async (event) => {
    const { properties, geometry } = event.features[0];
    if (!properties.cluster) return open(known.get(properties.key));
    const zoom = await map.getSource("points").getClusterExpansionZoom(properties.cluster_id);
    return map.easeTo({ center: geometry.coordinates, zoom });
  });
  for (const type of ["mouseenter", "mouseleave"]) {
    map.on(type, "points", () => { map.getCanvas().style.cursor = type === "mouseenter" ? "pointer" : ""; });
  }
  map.on("moveend", () => show().catch((error) => console.info(error.message)));
  await show();

  for (const button of document.querySelectorAll("[data-show]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const center = [Number(button.dataset.lon), Number(button.dataset.lat)];
      map.jumpTo({ center, zoom: 15 });
      box.scrollIntoView({ block: "nearest" });
      if (!known.has(button.dataset.show)) await show();
      const feature = known.get(button.dataset.show);
      if (feature) open(feature);
    });
  }
}
