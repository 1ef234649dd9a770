// SPDX-License-Identifier: GPL-2.0-or-later
/** Keep what is typed in the edit form as a private draft on the server, by itself.
 *
 * Nothing that is typed is kept in the browser: many officers share one PC.  Saves of a tab follow
 * one another, each with a number; the server lets go one that comes late, also when the next page
 * of the form is open by then.  For that the tab remembers its random name and the number.
 */

const QUIET_MS = 400; // after the last key
const LONGEST_MS = 3_000; // while somebody types on and on
const RETRY_MS = 5_000;
/** Buttons and what they carry along are no texts of the draft. */
const NOT_KEPT = new Set(["csrf_token", "base", "etag", "draft_seen", "point_id", "assignment", "action"]);

/** Read the fields of the form: {name: text} without the empty ones. */
function valuesOf(form) {
  const values = {};
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && value !== "" && !NOT_KEPT.has(name)) values[name] = value;
  }
  return values;
}

/** What the tab remembers of its saves: {writer, sequence}, empty in a new one. */
function remembered(slot) {
  try {
    return JSON.parse(sessionStorage.getItem(slot)) ?? {};
  } catch {
    return {};
  }
}

function remember(slot, saves) {
  try {
    sessionStorage.setItem(slot, JSON.stringify(saves));
  } catch {
    // without storage every page is a writer of its own
  }
}

/** Show "12 / 250" beside the fields whose length counts, and mark those that are too long. */
function startCounters() {
  for (const counter of document.querySelectorAll("[data-count-for]")) {
    const field = document.getElementById(counter.dataset.countFor);
    const most = Number(counter.dataset.most);
    const tell = () => {
      const count = [...field.value.normalize("NFC")].length;
      counter.textContent = `${count} / ${most}`;
      counter.classList.toggle("over", count > most);
    };
    field.addEventListener("input", tell);
    tell();
  }
}

/** @param {HTMLFormElement} form */
export function start(form) {
  const status = document.getElementById("draft-status");
  const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  const { base, etag, draft_seen: seen } = form.elements;
  let kept = JSON.stringify(valuesOf(form));
  const slot = `draft:${form.dataset.draft}`;
  const before = remembered(slot);
  const writer = before.writer ?? form.dataset.writer;
  let sequence = before.sequence ?? 0;
  let timer = 0;
  let firstChange = 0;
  let sending = false;
  let stopped = false;

  function isChanged() {
    return !stopped && JSON.stringify(valuesOf(form)) !== kept;
  }

  function plan(delay) {
    clearTimeout(timer);
    timer = setTimeout(() => save(), delay);
  }

  function onChange() {
    if (stopped) return;
    firstChange ||= Date.now();
    plan(Math.max(0, Math.min(QUIET_MS, firstChange + LONGEST_MS - Date.now())));
  }

  /** Send the fields; one request at a time unless the page goes away. */
  async function save({ leaving = false } = {}) {
    if (!isChanged() || (sending && !leaving)) return;
    sending = true;
    firstChange = 0;
    const values = valuesOf(form);
    const sent = JSON.stringify(values);
    sequence += 1;
    remember(slot, { writer, sequence });
    const body = {
      values, sequence, writer, base: base.value, etag: etag.value,
      seen: seen.value, is_new: form.dataset.new === "yes",
    };
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "PUT",
        keepalive: true, // goes on when the page is closed
        headers: { "content-type": "application/json", "x-csrf-token": token, accept: "application/json" },
        body: JSON.stringify(body),
      });
      if (answer.status === 409) {
        stopped = true;
        status.textContent = status.dataset.newer;
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const said = await answer.json();
      kept = sent;
      seen.value = said.etag;
      status.textContent = status.dataset.saved.replace("{time}", said.at);
    } catch {
      if (stopped) return;
      status.textContent = status.dataset.failed;
      plan(RETRY_MS);
    } finally {
      sending = false;
      if (isChanged() && !leaving && status.textContent !== status.dataset.failed) plan(QUIET_MS);
    }
  }

  form.addEventListener("input", onChange);
  // leaving a field: what it holds must not wait for the next one
  form.addEventListener("change", () => save());
  form.addEventListener("draft-changed", onChange); // the map moved the point
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save({ leaving: true });
  });
  addEventListener("pagehide", () => save({ leaving: true }));
  // the form itself is on its way: a late draft must not come after it
  form.addEventListener("submit", () => { stopped = true; clearTimeout(timer); });
  // back from another page by the browser's own button
  addEventListener("pageshow", (event) => { if (event.persisted) stopped = false; });
  setInterval(() => save(), LONGEST_MS);
}

const form = document.querySelector("form[data-draft]");
startCounters();
if (form) start(form);
