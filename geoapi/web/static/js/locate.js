// SPDX-License-Identifier: GPL-2.0-or-later
/** Put the device's own position into a form, when somebody presses the button for it. */

for (const button of document.querySelectorAll("[data-locate]")) {
  if (!navigator.geolocation) continue;
  button.hidden = false;
  const form = button.closest("form");
  const status = form.querySelector(".locate-status");
  button.addEventListener("click", () => navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      const [lat, lon] = [coords.latitude, coords.longitude].map((value) => value.toFixed(6));
      status.textContent = "";
      if (button.dataset.locate === "at") {
        form.elements.at.value = `${lat}, ${lon}`;
        form.requestSubmit();
        return;
      }
      form.elements.lat.value = lat;
      form.elements.lon.value = lon;
      form.elements.lat.dispatchEvent(new Event("input", { bubbles: true }));
    },
    () => { status.textContent = button.dataset.failed; },
    { enableHighAccuracy: true, timeout: 15_000 },
  ));
}
