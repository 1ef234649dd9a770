// SPDX-License-Identifier: GPL-2.0-or-later
/** Keys of the review page: one key, one decision.  Without scripts the buttons do the same. */

const OFF = "review-keys-off"; // remembered for the next pages
const form = document.querySelector("#decide");
const next = document.querySelector("#next");
const reason = document.querySelector("#reason");
const keysOff = document.querySelector("#keys-off");
let busy = false;

/** @returns {boolean} whether somebody types: then a letter is a letter */
function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Press a button of the form, once. @param {string} id */
function press(id) {
  const button = document.getElementById(id);
  if (!button) return;
  form.requestSubmit(button);
}

/** Follow a link, once. @param {?HTMLAnchorElement} link */
function follow(link) {
  if (!link || busy) return;
  busy = true;
  location.assign(link.href);
}

/** Add the words of a frequent reason, and go on writing behind them. */
function fill(button) {
  const { words } = button.dataset;
  if (!reason.value.includes(words)) reason.value = reason.value.trim() ? `${reason.value.trim()}; ${words}` : words;
  reason.focus();
}

/** Put the live map in the place of the drawn one, or take it away again. */
async function toggleMap() {
  const zoom = document.querySelector("#zoom");
  if (!zoom || zoom.hidden) return;
  const live = document.querySelector("#live");
  const shows = live.hidden;
  zoom.setAttribute("aria-pressed", String(shows));
  document.querySelector("#drawn").hidden = shows;
  live.hidden = !shows;
  if (!shows || live.dataset.started) return;
  live.dataset.started = "yes";
  try {
    const module = await import("./review_map.js");
    await module.start(live);
  } catch (error) {
    console.info("the drawn map stays:", error.message);
    live.hidden = true;
    zoom.hidden = true;
    document.querySelector("#drawn").hidden = false;
  }
}

function toggleHelp() {
  const list = document.querySelector("#key-list");
  if (!list) return;
  list.hidden = !list.hidden;
  if (!list.hidden) list.scrollIntoView({ block: "nearest" });
}

const ACTIONS = {
  v: () => press("verify"),
  r: () => reason?.focus(),
  s: () => follow(next),
  j: () => follow(next),
  k: () => follow(document.querySelector("#previous")),
  m: toggleMap,
  "?": toggleHelp,
};

function areOff() {
  return localStorage.getItem(OFF) === "1";
}

function showWhetherOff() {
  keysOff?.setAttribute("aria-pressed", String(areOff()));
  document.querySelector("#key-list")?.classList.toggle("off", areOff());
}

document.addEventListener("keydown", (event) => {
  if (reason && event.target === reason && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    press("return");
    return;
  }
  // a key held down must not decide the points after this one
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || areOff()) return;
  const quick = /^[1-7]$/.test(event.key) && document.querySelectorAll("[data-words]")[Number(event.key) - 1];
  const action = quick ? () => fill(quick) : ACTIONS[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

/** Send a decision and go to the page that is ready; whatever goes wrong the server says on a page.
 * The step is conditional, so that sending it a second time does no harm.
 * @param {HTMLButtonElement} button
 */
async function send(button) {
  const fields = new URLSearchParams(new FormData(form, button));
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body: fields, headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(`${answer.status}`);
    location.assign((await answer.json()).location);
  } catch {
    const action = document.createElement("input");
    action.type = "hidden";
    [action.name, action.value] = [button.name, button.value];
    form.append(action);
    form.submit(); // not through the listener below
  }
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  if (busy) return;
  busy = true;
  send(event.submitter ?? document.querySelector("#return"));
});
for (const button of document.querySelectorAll("[data-words]")) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    fill(button);
  });
}
// a page that the browser kept must work again when one comes back to it
window.addEventListener("pageshow", () => { busy = false; });

/** Have the next page and its picture ready. */
async function prepareNext() {
  const ahead = document.querySelector("link[rel=prefetch]");
  if (!ahead) return;
  const answer = await fetch(ahead.href, { headers: { purpose: "prefetch" }, priority: "low" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const picture = page.querySelector("#drawn img");
  if (picture) new Image().src = picture.getAttribute("src");
}

for (const hidden of document.querySelectorAll("#keys, #zoom")) hidden.hidden = false;
document.querySelector("#zoom")?.addEventListener("click", toggleMap);
keysOff?.addEventListener("click", () => {
  localStorage.setItem(OFF, areOff() ? "0" : "1");
  showWhetherOff();
});
showWhetherOff();
const field = document.querySelector("[aria-invalid=true]");
(field ?? document.querySelector("#errors"))?.focus();
prepareNext().catch((error) => console.info(error.message));
