// What waits for the lead: arrow keys go from item to item, the key on a button presses it.
import "./pages.js";

const items = () => [...document.querySelectorAll(".card")].filter((card) => card.querySelector("[data-key]"));
let current = items()[0] ?? null;

function choose(item) {
  for (const one of document.querySelectorAll(".card.current")) one.classList.remove("current");
  current = item ?? null;
  current?.classList.add("current");
}
choose(current);

document.addEventListener("focusin", (event) => {
  const card = event.target.closest(".card");
  if (card) choose(card);
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    const listed = items();
    const next = listed[Math.max(0, Math.min(listed.length - 1, listed.indexOf(current) + step))];
    next?.focus();
    event.preventDefault();
    return;
  }
  const key = event.code.startsWith("Key") && !/^[a-z]$/i.test(event.key) ? event.code.slice(3).toLowerCase() : event.key;
  const button = current?.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (button) {
    event.preventDefault();
    button.click();
  }
});
document.addEventListener("htmx:after:swap", (event) => {
  const { target, response } = event.detail.ctx;
  if (response.status >= 400) return;
  const next = items().find((item) => target.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_FOLLOWING) ?? items()[0];
  choose(next);
  next?.focus();
});
