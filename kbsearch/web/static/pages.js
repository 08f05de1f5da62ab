// What every page does: say in words what does not work, keep what was typed, copy.
import { tab } from "./kept.js";

const $ = (id) => document.getElementById(id);
const messages = $("messages").dataset;
const UNTIL_GONE_MS = 4000;

// -- failures -----------------------------------------------------------------------------------------

export function showFailure(content, retry) {
  const box = $("failure");
  if (typeof content === "string") {
    const line = document.createElement("p");
    line.textContent = content;
    box.replaceChildren(line);
  } else box.replaceChildren(content);
  if (retry) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = messages.retry;
    button.addEventListener("click", retry);
    box.append(button);
  }
  box.scrollIntoView({ block: "nearest" });
}

export function clearFailure() {
  $("failure").replaceChildren();
}

function again({ sourceElement, sourceEvent }) {
  const form = sourceElement.closest("form");
  return () => (form === sourceElement ? form.requestSubmit() : sourceElement.dispatchEvent(new Event(sourceEvent.type, { bubbles: true })));
}

// The server's own answers bear a header; what does not was answered by something in between.
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const { headers, status } = ctx.response;
  if (!headers.has("kbsearch-fragment")) {
    showFailure(messages.foreign, again(ctx));
    event.preventDefault();
  } else if (status >= 400) {
    const part = document.createElement("template");
    part.innerHTML = ctx.text;
    showFailure(part.content, status === 429 || status >= 500 ? again(ctx) : null);
  } else clearFailure();
});

document.addEventListener("htmx:error", (event) => {
  const { ctx, error } = event.detail;
  if (!ctx?.request) return;
  showFailure(error === "timeout" || error?.name === "TimeoutError" ? messages.timeout : messages.offline, again(ctx));
});

// -- what was typed outlives a reload and a sign-in, in this tab only --------------------------------

const keptFields = (form) => [...form.elements].filter((field) => field.name && !["csrf", "button", "submit"].includes(field.name) && field.type !== "submit");

export function keep(form) {
  const values = Object.fromEntries(keptFields(form).map((field) => [field.name, field.value]));
  tab.set(form.dataset.keep, JSON.stringify(values));
}

export function forget(form) {
  tab.remove(form.dataset.keep);
}

export function keepAlways(form) {
  // A form that changes something stored is filled from the start: what was typed goes before it.
  const filled = !("keepsChanges" in form.dataset) && keptFields(form).some((field) => field.value && field.defaultValue);
  const kept = tab.get(form.dataset.keep);
  if (kept && !filled) {
    const values = JSON.parse(kept);
    for (const field of keptFields(form)) if (values[field.name] !== undefined) field.value = values[field.name];
  }
  form.addEventListener("input", () => keep(form));
}
for (const form of document.querySelectorAll("form[data-keep]")) keepAlways(form);
document.querySelector(".sign-out")?.addEventListener("submit", () => tab.clear());

// An address that fills a form in holds a ticket's text: it stays neither in view nor in the history.
if (location.search) {
  const client = new URLSearchParams(location.search).get("client");
  if (document.querySelector("form[data-keep]") && [...new URLSearchParams(location.search).keys()].some((name) => name !== "client")) {
    history.replaceState(null, "", client ? `${location.pathname}?client=${encodeURIComponent(client)}` : location.pathname);
  }
}

$("client")?.addEventListener("change", (event) => event.target.form.requestSubmit());

// -- copying ------------------------------------------------------------------------------------------

let goes;
export function toast(text) {
  const box = $("toast");
  box.textContent = text;
  clearTimeout(goes);
  goes = setTimeout(() => { box.textContent = ""; }, UNTIL_GONE_MS + 40 * text.length);
}

// Browsers offer a clipboard over HTTPS and on this machine only; elsewhere a selected field is copied.
async function toClipboard(text, place) {
  if (navigator.clipboard && window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch { /* forbidden: the other way */ }
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.className = "copying";
  field.setAttribute("aria-label", messages.uncopied);
  const before = document.activeElement;
  place.append(field);
  field.select();
  let done = false;
  try {
    done = document.execCommand("copy");
  } catch { /* not offered either */ }
  if (done) {
    field.remove();
    before?.focus();
  } else field.addEventListener("blur", () => field.remove(), { once: true });
  return done;
}

export async function copy(text, { place = document.body, warning = "" } = {}) {
  const done = await toClipboard(text, place);
  toast(done ? [messages.copied, warning].filter(Boolean).join(" ") : messages.uncopied);
  return done;
}
