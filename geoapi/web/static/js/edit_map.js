// SPDX-License-Identifier: GPL-2.0-or-later
/** Move a point on the map: locked until unlocked, by dragging, by keys, or by typed numbers. */
import { makeMap, makeMarker, showNeighbours } from "./map_base.js";

const METRES_PER_DEGREE = 111_195;
const STEPS = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/** Distance of two places [lon, lat] in metres on the sphere, good enough for some kilometres. */
export function distanceMetres([lon1, lat1], [lon2, lat2]) {
  const shrink = Math.cos(((lat1 + lat2) / 2) * (Math.PI / 180));
  return Math.hypot((lon2 - lon1) * shrink, lat2 - lat1) * METRES_PER_DEGREE;
}

/** @param {HTMLElement} box */
export async function start(box) {
  const { map, data, maplibre } = await makeMap(box);
  showNeighbours(map, data, data.own).catch((error) => console.info(error.message));
  const form = document.querySelector("#edit");
  const { lat, lon, unlock_position: permission } = form.elements;
  const [unlock, here, centre] = ["unlock", "here", "centre"].map((id) => document.getElementById(id));
  const moved = document.getElementById("moved");
  const element = makeMarker("");
  element.setAttribute("aria-label", data.words.move_by_keys);
  const marker = new maplibre.Marker({ element, anchor: "bottom", draggable: false });
  let place = data.point;
  let unlocked = false;

  function tell() {
    if (!data.point || !place) return;
    const metres = distanceMetres(data.point, place);
    moved.textContent = metres < 0.5 ? "" : moved.dataset.template.replace("{distance}", Math.round(metres).toLocaleString());
  }

  function put(next, { write = true, look = false } = {}) {
    place = next;
    marker.setLngLat(place);
    // only once: adding it again would take the focus away from it
    if (!element.isConnected) marker.addTo(map);
    if (write) {
      [lon.value, lat.value] = place.map((v) => v.toFixed(6));
      form.dispatchEvent(new Event("draft-changed"));
    }
    if (look) map.easeTo({ center: place, zoom: Math.max(map.getZoom(), 15) });
    tell();
  }

  function setUnlocked(value) {
    unlocked = value;
    unlock.setAttribute("aria-pressed", String(value));
    unlock.querySelector("span").textContent = value ? unlock.dataset.unlocked : unlock.dataset.locked;
    marker.setDraggable(value);
    element.classList.toggle("movable", value);
    here.disabled = !value || !navigator.geolocation;
    centre.disabled = !value;
    // locking again keeps a move that was made, so the tick stays while the place differs
    if (permission) permission.checked = value || lat.value !== lat.defaultValue || lon.value !== lon.defaultValue;
  }

  if (data.old) {
    const old = makeMarker("old");
    old.disabled = true;
    old.setAttribute("aria-label", data.words.old_place);
    new maplibre.Marker({ element: old, anchor: "bottom" }).setLngLat(data.old).addTo(map);
  }
  const typed = [Number.parseFloat(lon.value), Number.parseFloat(lat.value)];
  if (typed.every(Number.isFinite) && Math.abs(typed[1]) <= 90) put(typed, { write: false });
  document.getElementById("map-tools").hidden = false;

  unlock.addEventListener("click", () => setUnlocked(!unlocked));
  permission?.addEventListener("change", () => setUnlocked(permission.checked));
  if (permission?.checked) setUnlocked(true);
  centre.addEventListener("click", () => put(map.getCenter().toArray()));
  here.addEventListener("click", () => navigator.geolocation.getCurrentPosition(
    ({ coords }) => put([coords.longitude, coords.latitude], { look: true }),
    () => { moved.textContent = data.words.no_position; },
    { enableHighAccuracy: true, timeout: 15_000 },
  ));
  marker.on("drag", () => put(marker.getLngLat().toArray()));
  element.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step || !unlocked) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // the library has keys of its own
    const metres = event.shiftKey ? 10 : 1;
    const shrink = Math.cos(place[1] * (Math.PI / 180));
    put([place[0] + (step[0] * metres) / (METRES_PER_DEGREE * shrink), place[1] + (step[1] * metres) / METRES_PER_DEGREE]);
  });
  for (const field of [lat, lon]) {
    field.addEventListener("change", () => {
      const pair = field.value.split(/[\s,]+/).filter(Boolean).map(Number);
      if (pair.length === 2 && pair.every(Number.isFinite)) [lat.value, lon.value] = pair.map(String);
      const next = [Number(lon.value), Number(lat.value)];
      if (lon.value && lat.value && next.every(Number.isFinite) && Math.abs(next[1]) <= 90) put(next, { write: false, look: true });
    });
  }
}
