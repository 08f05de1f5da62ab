// Writing an article: previewed while it is typed, kept until it is saved.
import { forget } from "./pages.js";

const $ = (id) => document.getElementById(id);
const form = $("article");
const PREVIEW_AFTER_MS = 500;
const preview = () => form.dispatchEvent(new Event("preview"));

let waiting;
form?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(preview, PREVIEW_AFTER_MS);
});
form?.addEventListener("keydown", (event) => {
  if (event.key === "s" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  }
});
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.sourceElement !== form) return;
  const goes = $("outcome").querySelector("[data-goes]")?.dataset.goes;
  if (!goes) return;
  forget(form);
  location.assign(goes);
});
// A conflict is shown with what to do about it: the choice is made in the failure's own place.
document.addEventListener("click", (event) => {
  if (event.target.id !== "over") return;
  form.elements.version.value = event.target.dataset.version;
  form.requestSubmit();
});
if (form?.elements.title.value) addEventListener("load", () => setTimeout(preview));
