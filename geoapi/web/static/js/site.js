// SPDX-License-Identifier: GPL-2.0-or-later
/** Starts what a page asks for: copy buttons, dependent lists, and maps, each only when needed. */

/** Load the module of a map and hand it the element; show the drawn map when that fails.
 * @param {HTMLElement} box
 */
async function startMap(box) {
  box.hidden = false;
  try {
    const module = await import(`./${box.dataset.module}`);
    await module.start(box);
  } catch (error) {
    console.info("map falls back to the drawn picture:", error.message);
    fallBack(box);
  }
}

/** Put the page's drawn map, which stands in its noscript part, in the place of the live one. */
function fallBack(box) {
  const spare = box.nextElementSibling;
  box.hidden = true;
  if (spare?.tagName !== "NOSCRIPT") return;
  const holder = document.createElement("div");
  holder.innerHTML = spare.textContent;
  spare.replaceWith(holder);
}

function startMaps() {
  const later = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((e) => e.isIntersecting)) {
      later.unobserve(entry.target);
      startMap(entry.target);
    }
  }, { rootMargin: "200px" });
  for (const box of document.querySelectorAll("[data-module]")) {
    if ("later" in box.dataset) {
      box.hidden = false;
      later.observe(box);
    } else startMap(box);
  }
}

function startCopyButtons() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    const caption = button.textContent;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.closest(".copy").querySelector("code").textContent);
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = caption; }, 2000);
    });
  }
}

/** Fill the lists of districts and subdistricts when the list above them changes. */
function startAreaLists(form) {
  const names = ["province_code", "district_code", "subdistrict_code"];
  const lists = names.map((name) => form.elements[name]);
  form.querySelector("#reload-areas").hidden = true;
  lists.slice(0, 2).forEach((list, level) => list.addEventListener("change", async () => {
    for (const lower of lists.slice(level + 1)) lower.length = 1;
    if (!list.value) return;
    const answer = await fetch(`${form.dataset.areas}?parent=${encodeURIComponent(list.value)}`);
    if (!answer.ok) return;
    for (const { code, label } of await answer.json()) lists[level + 1].add(new Option(label, code));
  }));
}

startMaps();
startCopyButtons();
const form = document.querySelector("form[data-areas]");
if (form) startAreaLists(form);
document.querySelector("#errors")?.focus();
