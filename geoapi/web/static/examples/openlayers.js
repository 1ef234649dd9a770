// SPDX-License-Identifier: GPL-2.0-or-later
/** OpenLayers: OGC API - Tiles by its metadata, OGC API - Features as GeoJSON. */
import { begin, card, firstView, nameOf } from "./words.js";

const { ol } = globalThis;
const box = begin("openlayers");
const { Circle, Fill, Stroke, Style, Text } = ol.style;
const font = '600 14px Sarabun, "Noto Sans Thai", "Leelawadee UI", Thonburi, Garuda, Loma, sans-serif';
const halo = new Stroke({ color: "#ffffffe6", width: 4 });

const provinces = new ol.layer.Vector({
  source: new ol.source.Vector({
    url: "/ogc/collections/provinces/items?limit=100", format: new ol.format.GeoJSON(),
  }),
  style: new Style({ fill: new Fill({ color: "#fbfaf4" }), stroke: new Stroke({ color: "#4a5560", width: 1.5 }) }),
});
const names = new ol.layer.Vector({
  source: provinces.getSource(),
  declutter: true,
  style: (feature) => new Style({
    text: new Text({
      text: nameOf(feature.getProperties()), font, fill: new Fill({ color: "#33414d" }), stroke: halo, overflow: true, offsetY: 26,
    }),
  }),
});

const styles = new Map(); // one for each number, made once
function pointStyle(feature) {
  const count = feature.get("count");
  if (!styles.has(count)) {
    const radius = count === 1 ? 6 : 9 + 2 * Math.log10(count) ** 1.3;
    styles.set(count, new Style({
      zIndex: count,
      image: new Circle({
        radius, fill: new Fill({ color: count === 1 ? "#b3001b" : "#0f3f6e" }), stroke: new Stroke({ color: "#fff", width: 1.5 }),
      }),
      text: count === 1 ? undefined : new Text({ text: String(count), font: "600 11px sans-serif", fill: new Fill({ color: "#fff" }) }),
    }));
  }
  return styles.get(count);
}
const points = new ol.layer.VectorTile({
  source: new ol.source.OGCVectorTile({
    url: new URL("/ogc/collections/service-points/tiles/WebMercatorQuad?f=json", location).href,
    format: new ol.format.MVT(),
  }),
  style: pointStyle,
});

const map = new ol.Map({ target: box, layers: [provinces, points, names] });
const extent = ol.proj.transformExtent(await firstView(), "EPSG:4326", "EPSG:3857");
map.getView().fit(extent, { padding: [30, 30, 30, 30] });

const popup = new ol.Overlay({ element: document.createElement("div"), positioning: "bottom-center", offset: [0, -10] });
popup.getElement().className = "ol-popup";
map.addOverlay(popup);
map.on("click", async (event) => {
  const [feature] = await points.getFeatures(event.pixel);
  popup.setPosition(undefined);
  if (!feature) return;
  const place = feature.getFlatCoordinates();
  if (feature.get("count") > 1) return map.getView().animate({ center: place, zoom: map.getView().getZoom() + 2 });
  popup.getElement().replaceChildren(card(feature.getProperties()));
  popup.setPosition(place);
});
map.on("rendercomplete", () => {
  const seen = points.getFeaturesInExtent(map.getView().calculateExtent());
  box.dataset.shown = String(seen.length);
  box.dataset.names = String(provinces.getSource().getFeatures().length);
});
