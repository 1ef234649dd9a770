// SPDX-License-Identifier: GPL-2.0-or-later
/** Opens Swagger in the page of the API's documentation, when somebody wants it and not before. */

function load(element) {
  return new Promise((resolve, reject) => {
    element.onload = resolve;
    element.onerror = () => reject(new Error("a file of Swagger is missing"));
    document.head.append(element);
  });
}

/** @param {HTMLButtonElement} button */
async function openSwagger(button) {
  const state = document.querySelector("#swagger-state");
  button.disabled = true;
  state.textContent = button.dataset.busy;
  try {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = `${button.dataset.vendor}/swagger-ui.css`;
    const script = document.createElement("script");
    script.src = `${button.dataset.vendor}/swagger-ui-bundle.js`;
    await Promise.all([load(style), load(script)]);
    const box = document.querySelector("#swagger");
    box.hidden = false;
    globalThis.SwaggerUIBundle({
      url: button.dataset.document, domNode: box, deepLinking: false, validatorUrl: null,
      // the answers are ours; nothing is asked of another host
      queryConfigEnabled: false, docExpansion: "list", defaultModelsExpandDepth: -1,
    });
    document.querySelector("#operations").hidden = true;
    button.hidden = true;
    state.textContent = "";
    box.dataset.ready = "yes";
  } catch (error) {
    console.info(error.message);
    state.textContent = button.dataset.failed;
    button.disabled = false;
  }
}

const button = document.querySelector("#open-swagger");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => openSwagger(button));
}
