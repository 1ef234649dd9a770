// SPDX-License-Identifier: GPL-2.0-or-later
/** The map that all pages share: areas as its ground, basemaps when the site has some. */

/**
 * @typedef {object} MapData
 * @property {string} vendor address of the folder with MapLibre
 * @property {number[]} bbox first view: west, south, east, north
 * @property {Object<string, string>} words texts in the reader's language
 * @property {string} language th or en
 * @property {object[]} basemaps raster sources of the site, may be empty
 * @property {Object<string, {color: string, corners: number[][]}>} symbols by top category
 * @property {Object<string, string>} groups top category of each category
 */

const AREAS = { provinces: 0, districts: 7 }; // collection and the zoom from which it is fetched

function addStyleSheet(address) {
  return new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = address;
    link.onload = resolve;
    link.onerror = () => reject(new Error("no style sheet of the map library"));
    document.head.append(link);
  });
}

/** Say whether the browser draws with WebGL 2; without it the page shows the drawn map. */
function hasWebGl() {
  const context = document.createElement("canvas").getContext("webgl2");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return Boolean(context);
}

/** @param {MapData} data */
function styleOf(data) {
  const style = { version: 8, sources: {}, layers: [] };
  style.layers.push({ id: "ground", type: "background", paint: { "background-color": "#dfe9ee" } });
  data.basemaps.forEach((basemap, index) => {
    style.sources[`basemap-${index}`] = {
      type: "raster", tiles: basemap.tiles, tileSize: basemap.tile_size ?? 256,
      maxzoom: basemap.max_zoom ?? 19, attribution: basemap.attribution,
    };
    style.layers.push({
      id: `basemap-${index}`, type: "raster", source: `basemap-${index}`, layout: { visibility: "none" },
    });
  });
  for (const name of Object.keys(AREAS)) {
    style.sources[name] = { type: "geojson", data: { type: "FeatureCollection", features: [] } };
    style.sources[`${name}-names`] = { type: "geojson", data: { type: "FeatureCollection", features: [] } };
  }
  style.layers.push(
    { id: "provinces", type: "fill", source: "provinces", paint: { "fill-color": "#fbfaf4" } },
    { id: "districts-line", type: "line", source: "districts", paint: { "line-color": "#8b98a4", "line-width": 1 } },
    { id: "provinces-line", type: "line", source: "provinces", paint: { "line-color": "#4a5560", "line-width": 2 } },
    { id: "districts-names", type: "symbol", source: "districts-names",
      layout: { "icon-image": ["concat", "text:", ["get", "name"]], "icon-padding": 4, "icon-offset": [0, 28] } },
  );
  return style;
}

/** Draw the words as a picture: the browser shapes Thai, and no font server is needed. */
function drawText(text) {
  const scale = 2, size = 15 * scale;
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  const font = `600 ${size}px ${getComputedStyle(document.body).fontFamily}`;
  pen.font = font;
  canvas.width = Math.ceil(pen.measureText(text).width) + 12;
  canvas.height = Math.ceil(size * 2);
  pen.font = font;
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  pen.lineWidth = 7;
  pen.strokeStyle = "#ffffffd9";
  pen.fillStyle = "#33414d";
  pen.strokeText(text, 6, canvas.height / 2);
  pen.fillText(text, 6, canvas.height / 2);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

/** Draw a symbol of the legend, or a circle with the number of a cluster. */
function drawSymbol({ color, corners }) {
  const size = 44, middle = size / 2;
  const canvas = new OffscreenCanvas(size, size);
  const pen = canvas.getContext("2d");
  corners.forEach(([x, y], i) => pen[i ? "lineTo" : "moveTo"](middle + x * 15, middle + y * 15));
  pen.closePath();
  pen.lineJoin = "round";
  pen.lineWidth = 6;
  pen.strokeStyle = "#fff";
  pen.stroke();
  pen.fillStyle = color;
  pen.fill();
  return pen.getImageData(0, 0, size, size);
}

function drawCluster(text) {
  const radius = 30 + text.length * 5, size = radius * 2 + 8;
  const canvas = new OffscreenCanvas(size, size);
  const pen = canvas.getContext("2d");
  pen.arc(size / 2, size / 2, radius, 0, 2 * Math.PI);
  pen.fillStyle = "#0f3f6e";
  pen.fill();
  pen.lineWidth = 5;
  pen.strokeStyle = "#fff";
  pen.stroke();
  pen.font = "bold 30px sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = "#fff";
  pen.fillText(text, size / 2, size / 2 + 2);
  return pen.getImageData(0, 0, size, size);
}

/** Make a missing picture: "text:...", "symbol:category" or "cluster:number". */
function addPicture(map, data, id) {
  const [kind, ...rest] = id.split(":");
  const value = rest.join(":");
  const symbol = data.symbols[data.groups[value] ?? value] ?? data.symbols.other;
  const makers = { text: () => drawText(value), symbol: () => drawSymbol(symbol), cluster: () => drawCluster(value) };
  if (makers[kind] && !map.hasImage(id)) map.addImage(id, makers[kind](), { pixelRatio: 2 });
}

/** Read all pages of a collection, up to some thousand items. @returns {Promise<object[]>} */
export async function readAll(address, pages = 5) {
  const features = [];
  for (let next = address; next && pages > 0; pages -= 1) {
    const answer = await fetch(next, { headers: { accept: "application/geo+json" } });
    if (!answer.ok) throw new Error(`${next}: ${answer.status}`);
    const page = await answer.json();
    features.push(...page.features);
    const following = (page.links ?? []).find((link) => link.rel === "next");
    // the same server, whatever name it gives itself
    next = following && following.href.replace(/^https?:\/\/[^/]+/, "");
  }
  return features;
}

/** Middle of the largest ring: where the name of an area stands. */
function middleOf(geometry) {
  const rings = (geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates).map((p) => p[0]);
  const ring = rings.reduce((a, b) => (b.length > a.length ? b : a));
  let area = 0, x = 0, y = 0;
  for (let i = 0; i + 1 < ring.length; i += 1) {
    const cross = ring[i][0] * ring[i + 1][1] - ring[i + 1][0] * ring[i][1];
    area += cross;
    x += (ring[i][0] + ring[i + 1][0]) * cross;
    y += (ring[i][1] + ring[i + 1][1]) * cross;
  }
  return [x / (3 * area), y / (3 * area)];
}

async function showAreas(map, data, name, known) {
  if (map.getZoom() < AREAS[name]) return;
  const box = map.getBounds().toArray().flat().map((v) => v.toFixed(3)).join(",");
  for (const feature of await readAll(`/ogc/collections/${name}/items?bbox=${box}&limit=200`)) {
    if (feature.geometry) known.set(feature.id, feature);
  }
  const features = [...known.values()];
  map.getSource(name).setData({ type: "FeatureCollection", features });
  map.getSource(`${name}-names`).setData({
    type: "FeatureCollection",
    features: features.map((f) => ({
      type: "Feature",
      properties: { name: f.properties[`name_${data.language}`] || f.properties.name_th },
      geometry: { type: "Point", coordinates: middleOf(f.geometry) },
    })),
  });
}

/** A list box that chooses among the site's basemaps and the plain ground. */
function addLayerList(map, data, box) {
  if (!data.basemaps.length) return;
  const list = document.createElement("select");
  list.className = "layers";
  list.setAttribute("aria-label", data.words.basemap);
  list.add(new Option(data.words.no_basemap, "-1"));
  data.basemaps.forEach((basemap, index) => list.add(new Option(basemap[`title_${data.language}`], String(index))));
  list.addEventListener("change", () => {
    data.basemaps.forEach((_, index) => {
      map.setLayoutProperty(`basemap-${index}`, "visibility", String(index) === list.value ? "visible" : "none");
    });
    map.setLayoutProperty("provinces", "visibility", list.value === "-1" ? "visible" : "none");
  });
  box.append(list);
}

/** Make a map in a box and show its ground.
 * @param {HTMLElement} box with its data as JSON in the script element before it
 * @returns {Promise<{map: object, data: MapData, maplibre: object}>}
 */
export async function makeMap(box) {
  if (!hasWebGl()) throw new Error("no WebGL");
  /** @type {MapData} */
  const data = JSON.parse(box.previousElementSibling.textContent);
  if (!data.vendor) throw new Error("no map library");
  const [maplibre] = await Promise.all([
    import(`${data.vendor}/maplibre-gl.mjs`), addStyleSheet(`${data.vendor}/maplibre-gl.css`),
  ]);
  const [west, south, east, north] = data.bbox;
  const map = new maplibre.Map({
    container: box, style: styleOf(data), bounds: [[west, south], [east, north]], maxZoom: 19,
    fitBoundsOptions: { padding: 24, maxZoom: 16 }, dragRotate: false, pitchWithRotate: false,
    attributionControl: { compact: true, customAttribution: data.words.credit }, locale: data.words.controls,
    fadeDuration: 0,
  });
  map.touchZoomRotate.disableRotation();
  map.setMissingStyleImageResolver((id) => addPicture(map, data, id));
  map.addControl(new maplibre.NavigationControl({ showCompass: false }));
  map.addControl(new maplibre.ScaleControl(), "top-left");
  addLayerList(map, data, box);
  await map.once("load");
  for (const name of Object.keys(AREAS)) {
    const known = new Map();
    const show = () => showAreas(map, data, name, known).catch((error) => console.info(error.message));
    map.on("moveend", show);
    show();
  }
  box.dataset.ready = "yes";
  return { map, data, maplibre };
}

/** Show the public points around, with their names when near, so that one sees where one is. */
export async function showNeighbours(map, data, ownId) {
  map.addSource("around", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  map.addLayer({ id: "around", type: "symbol", source: "around",
    layout: { "icon-image": ["concat", "symbol:", ["get", "category"]], "icon-allow-overlap": true } });
  map.addLayer({ id: "around-names", type: "symbol", source: "around", minzoom: 13,
    layout: { "icon-image": ["concat", "text:", ["get", "name"]], "icon-offset": [0, 22] } });
  const show = async () => {
    const box = map.getBounds().toArray().flat().map((v) => v.toFixed(4)).join(",");
    const found = await readAll(`/ogc/collections/service-points/items?limit=500&bbox=${box}`, 1);
    const features = found.filter((f) => f.geometry && f.id !== ownId).map(({ type, geometry, properties: p }) => (
      { type, geometry, properties: { category: p.category, name: p[`name_${data.language}`] || p.name_th } }));
    map.getSource("around").setData({ type: "FeatureCollection", features });
  };
  map.on("moveend", () => show().catch((error) => console.info(error.message)));
  await show();
}

/** The drop shape of a chosen place, 44 px, its tip on the place. */
export function makeMarker(className) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `marker ${className}`;
  button.innerHTML = '<svg viewBox="0 0 44 44" aria-hidden="true"><path fill="currentColor" stroke="#fff" '
    + 'stroke-width="2" d="M22 43s13-15 13-25a13 13 0 0 0-26 0c0 10 13 25 13 25z"/><circle cx="22" cy="18" r="5" fill="#fff"/></svg>';
  return button;
}
