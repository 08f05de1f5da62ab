// Writing a fix back: filled in from the question, checked while it is typed.
import { tab } from "./kept.js";
import { forget, keep } from "./pages.js";

const $ = (id) => document.getElementById(id);
const form = $("solve");
const fields = form.elements;
const CHECK_AFTER_MS = 500;

// -- filled in from the panel ----------------------------------------------------------------------------

function seed() {
  const given = tab.get("solve-from");
  if (!given) return;
  tab.remove("solve-from");
  const { words = "", ticket = "", ...rest } = JSON.parse(given);
  const [subject, ...lines] = words.trim().split("\n");
  const values = { ticket_id: ticket, subject, description: lines.join("\n").trim(), resolution: "", cause: "", minutes_spent: "", solution_id: "", solution_title: "", ...rest };
  for (const [name, value] of Object.entries(values)) if (fields[name]) fields[name].value = value;
  keep(form);
}

// -- the fix that was used -------------------------------------------------------------------------------

function showLinked() {
  $("linked").hidden = !fields.solution_id.value;
  $("linked").querySelector("bdi").textContent = fields.solution_title.value || fields.solution_id.value;
}
function link(id, title) {
  fields.solution_id.value = id;
  fields.solution_title.value = title;
  showLinked();
  keep(form);
  check();
}
document.addEventListener("click", (event) => {
  const button = event.target.closest(".use");
  if (!button) return;
  link(button.dataset.solution, button.dataset.title);
  form.requestSubmit();
});
$("unlink").addEventListener("click", () => { link("", ""); fields.resolution.focus(); });
$("solve-anew").addEventListener("click", () => {
  for (const field of form.querySelectorAll("input, textarea")) field.value = "";
  forget(form);
  showLinked();
  check();
  $("outcome").replaceChildren();
  fields.ticket_id.focus();
});

// -- checked while it is typed ----------------------------------------------------------------------------

let waiting;
const check = () => form.dispatchEvent(new Event("check"));
form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(check, CHECK_AFTER_MS);
});
document.addEventListener("htmx:after:swap", (event) => {
  const { sourceElement, response } = event.detail.ctx;
  if (sourceElement !== form || response.status >= 400) return;
  clearTimeout(waiting);
  forget(form);
  $("check").replaceChildren();
  $("outcome").scrollIntoView({ block: "nearest" });
});

seed();
showLinked();
if (fields.resolution.value) addEventListener("load", () => setTimeout(check));
