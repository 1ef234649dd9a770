// SPDX-License-Identifier: GPL-2.0-or-later
/** Sends photos one after the other in pieces, with progress; goes on after a broken connection. */

const form = document.querySelector("#add-photos");
const input = form?.querySelector("#photo");
const box = document.querySelector("#sending");
const RETRY_DELAYS_MS = [0, 1000, 3000, 5000, 10000, 20000, 30000, 60000];

/** Fill the words of a template: {name}, {percent}, {reason}.
 * @param {string} template
 * @param {Record<string, string|number>} values
 */
function words(template, values) {
  return template.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

/** Load the library of the protocol, which is a classic script.
 * @param {string} folder
 * @returns {Promise<any>} its global object
 */
function loadTus(folder) {
  if (window.tus) return Promise.resolve(window.tus);
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${folder}/tus.min.js`;
    script.onload = () => resolve(window.tus);
    script.onerror = () => reject(new Error("tus"));
    document.head.append(script);
  });
}

/** Return why the server refused a file, in the page's language.
 * @param {any} error of the library
 */
function reasonOf(error) {
  try {
    const problem = JSON.parse(error.originalResponse.getBody());
    return problem.errors?.[0]?.detail ?? problem.detail;
  } catch {
    return error.message;
  }
}

/** Make the line that tells of one file.
 * @param {string} name
 */
function lineFor(name) {
  const line = document.createElement("li");
  const text = document.createElement("span");
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.setAttribute("aria-label", name);
  line.append(text, " ", bar);
  box.querySelector("ul").append(line);
  return { text, bar, line };
}

/** Send one file.
 * @param {any} tus
 * @param {File} file
 * @returns {Promise<boolean>} whether it was taken
 */
function send(tus, file) {
  const { text, bar, line } = lineFor(file.name);
  const show = (key, more = {}) => {
    text.textContent = words(form.dataset[key], { name: file.name, ...more });
  };
  const metadata = { point_id: form.dataset.point };
  for (const name of ["kind", "caption_th", "caption_en"]) {
    metadata[name] = form.elements[name].value;
  }
  show("sending", { percent: 0 });
  return new Promise((resolve) => {
    const upload = new tus.Upload(file, {
      endpoint: "/photos/uploads",
      chunkSize: Number(form.dataset.piece),
      retryDelays: RETRY_DELAYS_MS,
      removeFingerprintOnSuccess: true,
      metadata,
      headers: { "x-csrf-token": document.querySelector("meta[name=csrf-token]").content },
      onProgress(sent, total) {
        const percent = total ? Math.floor((100 * sent) / total) : 0;
        bar.value = percent;
        show("sending", { percent });
      },
      onShouldRetry(error) {
        const status = error.originalResponse?.getStatus() ?? 0;
        const again = status === 0 || status >= 500 || status === 409 || status === 429;
        if (again) show("interrupted");
        return again;
      },
      onError(error) {
        line.className = "error";
        bar.remove();
        show("failed", { reason: reasonOf(error) });
        resolve(false);
      },
      onSuccess() {
        bar.value = 100;
        show("sent");
        resolve(true);
      },
    });
    upload.findPreviousUploads().then((earlier) => {
      const same = earlier.find((one) => one.metadata.point_id === form.dataset.point);
      if (same) upload.resumeFromPreviousUpload(same);
      upload.start();
    });
  });
}

/** Send files one after the other; show the page anew when all were taken.
 * @param {File[]} files
 */
async function sendAll(files) {
  let tus;
  try {
    tus = await loadTus(form.dataset.tus);
  } catch {
    form.submit();
    return;
  }
  const button = form.querySelector("button");
  button.disabled = true;
  box.hidden = false;
  let refused = 0;
  for (const file of files) refused += (await send(tus, file)) ? 0 : 1;
  button.disabled = false;
  input.value = "";
  if (!refused) location.assign(`${location.pathname}?notice=added`);
}

/** Take pictures that are dropped on the form or pasted into the page. */
function startDropping() {
  const area = form.querySelector(".drop");
  form.querySelector("#drop-hint").hidden = false;
  const pictures = (transfer) => [...transfer.files].filter((f) => f.type.startsWith("image/"));
  area.addEventListener("dragover", (event) => {
    event.preventDefault();
    area.classList.add("over");
  });
  area.addEventListener("dragleave", () => area.classList.remove("over"));
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    area.classList.remove("over");
    const files = pictures(event.dataTransfer);
    if (files.length) sendAll(files);
  });
  document.addEventListener("paste", (event) => {
    const files = pictures(event.clipboardData);
    if (files.length) sendAll(files);
  });
}

if (form?.dataset.tus) {
  form.addEventListener("submit", (event) => {
    if (!input.files.length) return;
    event.preventDefault();
    sendAll([...input.files]);
  });
  startDropping();
}
document.querySelector("#errors")?.focus();
