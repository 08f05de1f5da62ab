// The agent's panel: keys, open cards, what was tried, the note to the second line.
import { browser, tab } from "./kept.js";
import { clearFailure, copy, forget, keep } from "./pages.js";

const $ = (id) => document.getElementById(id);
const form = $("ask");
const words = $("words");
const answer = $("answer");
const SAID = `${form.dataset.keep}:said`;  // solution id → what the agent said of it, for this question
const KEYS_OFF = "keys-off";
const MINUTE_MS = 60000;

// -- asking -------------------------------------------------------------------------------------------

const most = Number(form.dataset.most);  // characters, as the server counts them
const isCut = () => words.value.length > most && [...words.value].length > most;
const isAsked = () => form.dataset.chosen && words.value.trim();
const ask = () => isAsked() && form.dispatchEvent(new Event("ask"));

// The answers to a question while it is typed count as one, the last; what the agent made use of counts for itself.
const newName = () => [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
let typing = newName();
const used = () => { typing = newName(); };

form.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement !== form) return;
  if (!isAsked()) {
    event.preventDefault();
    if (form.dataset.chosen) answer.replaceChildren();
    return;
  }
  ctx.request.body.set("typing", typing);
  if (isCut()) ctx.request.body.set("words", [...words.value].slice(0, most + 1).join(""));  // the rest is not read
});

words.addEventListener("input", () => {
  $("words-cut").hidden = !isCut();
});
words.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});

$("minutes").addEventListener("input", (event) => {
  const minutes = event.target.valueAsNumber;
  form.elements.resolve_by.value = Number.isFinite(minutes) ? new Date(Date.now() + minutes * MINUTE_MS).toISOString() : "";
});

$("anew").addEventListener("click", () => {
  for (const field of form.querySelectorAll("input, textarea")) field.value = "";
  forget(form);
  tab.remove(SAID);
  used();
  answer.replaceChildren();
  clearFailure();
  words.focus();
});

// -- the answer ---------------------------------------------------------------------------------------

const opened = new Map();  // solution id → whether the agent opened or closed it
let current = null;

const cards = () => [...answer.querySelectorAll(".card")];
const chosen = () => cards().find((card) => card.dataset.solution === current) ?? cards()[0];
const said = () => JSON.parse(tab.get(SAID) ?? "{}");

function choose(card) {
  current = card?.dataset.solution ?? null;
  for (const one of cards()) one.classList.toggle("current", one === card);
}

function showSaid() {
  const given = said();
  for (const button of answer.querySelectorAll(".outcome")) {
    const outcome = given[button.closest(".card").dataset.solution]?.outcome;
    button.setAttribute("aria-pressed", String(outcome === button.dataset.outcome));
  }
}

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.sourceElement !== form) return;
  const verdict = $("verdict");
  if (!verdict) return;
  const text = `${$("headline").textContent}. ${verdict.querySelector(".reason").textContent}`;
  if ($("spoken").textContent !== text) $("spoken").textContent = text;
  for (const card of cards()) {
    const is = opened.get(card.dataset.solution);
    const first = card === cards()[0] && verdict.classList.contains("known");
    card.querySelector("[data-fix]").open = is ?? first;
  }
  choose(chosen());
  showSaid();
  showMinutes();
});

answer.addEventListener("click", (event) => {
  const card = event.target.closest(".card");
  if (card) choose(card);
  const summary = event.target.closest("summary");
  if (summary?.parentElement.matches("[data-fix]")) opened.set(card.dataset.solution, !summary.parentElement.open);
  if (event.target.closest(".copy, .outcome")) used();
  if (event.target.closest(".copy")) copyFix(card);
  if (event.target.closest("#escalate")) escalate();
  if (event.target.closest(".seed")) seed({ solution_id: card.dataset.solution, solution_title: card.dataset.title, resolution: card.querySelector("template.copied").content.textContent });
});
answer.addEventListener("focusin", (event) => {
  const card = event.target.closest(".card");
  if (card) choose(card);
});

// What was asked goes with the agent to the page that writes the fix back, and not through the address.
function seed(more = {}) {
  used();
  const { ticket, environment } = form.elements;
  const given = { words: words.value, ticket: ticket.value, environment: environment.value, suggestion_id: $("verdict")?.dataset.suggestion ?? "", ...more };
  tab.set("solve-from", JSON.stringify(given));
}
document.querySelector("[data-seeds-anew]")?.addEventListener("click", () => seed());

// The page around the side panel may put what was copied into the ticket.
function tell(kind, facts) {
  document.dispatchEvent(new CustomEvent("copied", { detail: { kind, ...facts } }));
}

function copyFix(card) {
  const text = card.querySelector("template.copied").content.textContent;
  copy(text, { warning: card.querySelector(".copy").dataset.warning });
  tell("fix", { text, solution_id: card.dataset.solution, suggestion_id: $("verdict").dataset.suggestion });
}

// A word that was said counts once the server has noted it.
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const button = ctx.sourceElement;
  if (!button.matches(".outcome") || ctx.response.status >= 400 || event.defaultPrevented) return;
  const card = button.closest(".card");
  tab.set(SAID, JSON.stringify({ ...said(), [card.dataset.solution]: { outcome: button.dataset.outcome, title: card.dataset.title } }));
  showSaid();
});

function showMinutes() {
  const due = answer.querySelector(".due");
  const at = Date.parse(due?.dataset.due ?? "");
  if (Number.isNaN(at)) return;
  const left = Math.floor((at - Date.now()) / MINUTE_MS);
  const { late, one, many } = due.dataset;
  due.textContent = left < 0 ? late : left === 1 ? one : many.replace("#", left.toLocaleString(document.documentElement.lang));
}
setInterval(showMinutes, MINUTE_MS / 4);

// -- handing over -------------------------------------------------------------------------------------

function escalate() {
  const source = $("note-source");
  if (!source) return;
  used();
  const labels = $("note-words").dataset;
  const tried = Object.values(said()).map(({ outcome, title }) => `- ${title}: ${labels[outcome]}`);
  const text = source.content.textContent.replace("{tried}", () => tried.join("\n") || `- ${labels.none}`);
  $("note-text").value = text.replace(/\n{3,}/g, "\n\n").trim();
  $("note-copied").textContent = "";
  $("note").showModal();
  $("note-copy").focus();
}
$("note-copy").addEventListener("click", async () => {
  const done = await copy($("note-text").value, { place: $("note") });
  tell("note", { text: $("note-text").value, suggestion_id: $("verdict").dataset.suggestion });
  $("note-copied").textContent = done ? $("messages").dataset.copied : $("messages").dataset.uncopied;
});

// -- keys ---------------------------------------------------------------------------------------------

const press = (selector) => chosen()?.querySelector(selector)?.click();
const KEYS = {
  "/": () => { words.focus(); words.select(); },
  "?": () => $("keys").showModal(),
  1: () => open(0),
  2: () => open(1),
  3: () => open(2),
  c: () => press(".copy"),
  u: () => press("[data-outcome=solved]"),
  w: () => press("[data-outcome=did_not_work]"),
  n: () => press("[data-outcome=not_relevant]"),
  e: () => escalate(),
};

function open(place) {
  const card = cards()[place];
  if (!card) return;
  choose(card);
  const fix = card.querySelector("[data-fix]");
  fix.open = !fix.open;
  opened.set(card.dataset.solution, fix.open);
  card.querySelector("summary").focus();
  card.scrollIntoView({ block: "nearest" });
}

// With a Cyrillic layout the key's place counts, not the letter that it types.
function keyOf(event) {
  if (event.key in KEYS) return event.key;
  if (event.code.startsWith("Key")) return event.code.slice(3).toLowerCase();
  if (event.code === "Slash") return event.shiftKey ? "?" : "/";
  return event.key;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || browser.get(KEYS_OFF)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.target.closest("input, textarea, select")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const action = KEYS[keyOf(event)];
  if (!action) return;
  event.preventDefault();
  action();
});

$("keys-button").addEventListener("click", () => $("keys").showModal());
$("keys-on").checked = !browser.get(KEYS_OFF);
$("keys-on").addEventListener("change", (event) => {
  if (event.target.checked) browser.remove(KEYS_OFF);
  else browser.set(KEYS_OFF, "1");
});

// -- a question that was kept, or came with the address ------------------------------------------------

if (words.value.trim()) {
  keep(form);
  words.dispatchEvent(new Event("input"));
  const begin = () => setTimeout(ask);
  if (document.readyState === "complete") begin();
  else addEventListener("load", begin);
}
