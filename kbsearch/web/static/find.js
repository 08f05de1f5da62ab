// Similar solved issues.
import { clearFailure, copy } from "./pages.js";

const form = document.getElementById("find");
const hits = document.getElementById("hits");

form.addEventListener("htmx:config:request", (event) => {
  if (form.elements.q.value.trim()) return;
  event.preventDefault();
  hits.replaceChildren();
  clearFailure();
});
form.addEventListener("input", () => { form.elements.limit.value = ""; });
hits.addEventListener("click", (event) => {
  const button = event.target.closest("[data-limit]");
  if (button) {
    form.elements.limit.value = button.dataset.limit;
    form.dispatchEvent(new Event("ask"));
  }
  if (event.target.closest(".copy")) copy(event.target.closest(".card").querySelector("template.copied").content.textContent);
});
if (form.elements.q.value.trim()) addEventListener("load", () => setTimeout(() => form.dispatchEvent(new Event("ask"))));
