// The panel beside a ticket: opened by its address, or by a message of the page around it.
import { clearFailure, keepAlways, showFailure } from "./pages.js";

const panel = document.getElementById("side-panel");
const messages = document.getElementById("messages").dataset;
const FIELDS = ["words", "subject", "description", "environment", "respond_by", "resolve_by"];
const TYPE = "kbsearch:";

// -- the page around it: only an allowed one is listened to and told anything ----------------------------

const allowed = panel.dataset.origins.split(" ").filter(Boolean);
const originOf = (address) => (address ? new URL(address).origin : null);
let around = parent === window ? null : allowed.find((origin) => origin === (location.ancestorOrigins?.[0] ?? originOf(document.referrer))) ?? null;

function tell(type, facts = {}) {
  if (around) parent.postMessage({ type: TYPE + type, ...facts }, around);
}
document.addEventListener("copied", (event) => tell("copied", event.detail));

addEventListener("message", (event) => {
  if (event.source !== parent || parent === window || !allowed.includes(event.origin) || event.data?.type !== `${TYPE}open`) return;
  around = event.origin;
  const given = Object.fromEntries(["token", ...FIELDS].filter((name) => typeof event.data[name] === "string").map((name) => [name, event.data[name]]));
  start({ token, ...typed(), ...given });
});

// -- opening ------------------------------------------------------------------------------------------

let token = "";
const typed = () => Object.fromEntries(["words", "environment", "respond_by", "resolve_by"].map((name) => [name, panel.querySelector(`[name=${name}]`)?.value ?? ""]).filter(([, value]) => value));

// Each start begins with a new page, so that nothing of another ticket stays. The server never sees what follows the #.
function start(given) {
  history.replaceState(null, "", `${location.pathname}${location.search}#${new URLSearchParams(given)}`);
  location.reload();
}
addEventListener("hashchange", () => location.reload());

function showAnswer(text) {
  const part = document.createElement("template");
  part.innerHTML = text;
  showFailure(part.content);
}

async function open(fields) {
  let answer;
  try {
    answer = await fetch(panel.dataset.open, { method: "POST", headers: { "KBSearch-Panel": token, "HX-Request": "true" }, body: new URLSearchParams(fields), credentials: "omit" });
  } catch {
    showFailure(messages.offline, () => open(fields));
    return;
  }
  const text = await answer.text();
  if (!answer.headers.has("kbsearch-fragment")) showFailure(messages.foreign, () => open(fields));
  else if (answer.ok) {
    clearFailure();
    document.body.setAttribute("hx-headers:inherited", JSON.stringify({ "KBSearch-Panel": token }));
    panel.innerHTML = text;
    htmx.process(panel);
    keepAlways(panel.querySelector("form"));
    await import(panel.dataset.script);
  } else {
    showAnswer(text);
    if (answer.status === 401) tell("expired");
  }
}
document.addEventListener("htmx:after:request", (event) => {
  if (event.detail.ctx.response.status === 401) tell("expired");
});

const given = new URLSearchParams(location.hash.slice(1));
for (const [name, value] of new URLSearchParams(location.search)) if (FIELDS.includes(name) && !given.has(name)) given.set(name, value);
token = given.get("token") ?? "";
const language = new URLSearchParams(location.search).get("language");
history.replaceState(null, "", location.pathname + (language ? `?language=${encodeURIComponent(language)}` : ""));
if (token) addEventListener("load", () => open(Object.fromEntries(FIELDS.filter((name) => given.has(name)).map((name) => [name, given.get(name)]))));
tell("ready");
