"use strict";

const TEXTS = {
  en: {
    tenant: "Client", key: "Key", keyNeeded: "enter your key above", tenantNeeded: "enter the client above, as your key covers several", subject: "What is the problem?", description: "Description, error text (optional)",
    find: "Find the solution", searching: "Searching …", copy: "Copy the fix", copied: "Copied.", helped: "Did it help?",
    solved: "Solved it", not_relevant: "Does not fit", outdated: "Outdated", thanks: "Noted, thank you.",
    known: "KNOWN", unsure: "UNSURE", new: "NEW", likely: "likely", tickets: "tickets solved", minutes: "minutes usually",
    left: "minutes left", failed: "It did not work: ", unreachable: "the server cannot be reached",
    validated: "validated", not_validated: "not validated", wip: "being worked on", shared: "for everyone",
    matched: "Matched: ", other: "Български", otherCode: "bg",
  },
  bg: {
    tenant: "Клиент", key: "Ключ", keyNeeded: "въведете ключа си горе", tenantNeeded: "въведете клиента горе, ключът ви е за няколко", subject: "Какъв е проблемът?", description: "Описание, текст на грешката (по желание)",
    find: "Намери решение", searching: "Търся …", copy: "Копирай решението", copied: "Копирано.", helped: "Помогна ли?",
    solved: "Реши проблема", not_relevant: "Не е за това", outdated: "Остаряло", thanks: "Записано, благодаря.",
    known: "ПОЗНАТ ПРОБЛЕМ", unsure: "НЕ Е СИГУРНО", new: "НОВ ПРОБЛЕМ", likely: "вероятност", tickets: "решени заявки",
    minutes: "минути обикновено", left: "минути остават", failed: "Не се получи: ", unreachable: "няма връзка със сървъра",
    validated: "потвърдено", not_validated: "непотвърдено", wip: "в процес на работа", shared: "за всички",
    matched: "Съвпадение: ", other: "English", otherCode: "en",
  },
};

const $ = (id) => document.getElementById(id);
let language = localStorage.getItem("language") || ((navigator.language || "").startsWith("bg") ? "bg" : "en");
let asked = 0;
const text = (key) => TEXTS[language][key];

function translate(root) {
  for (const element of root.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
}

function showLanguage() {
  document.documentElement.lang = language;
  $("language").textContent = text("other");
  $("language").lang = text("otherCode");
  translate(document);
}

async function call(path, body) {
  const headers = { "Content-Type": "application/json" };
  if ($("tenant").value.trim()) headers["KBSearch-Tenant"] = $("tenant").value.trim();
  if ($("key").value.trim()) headers.Authorization = `Bearer ${$("key").value.trim()}`;
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
  } catch {
    throw new Error(text("unreachable"));
  }
  if (response.status === 204) return null;
  const answer = await response.json();
  if (response.status === 401) {
    showKeyField();
    throw new Error($("key").value ? answer.detail : text("keyNeeded"));
  }
  if (response.status === 400 && answer.detail.includes("KBSearch-Tenant")) throw new Error(text("tenantNeeded"));
  if (!response.ok) throw new Error([answer.detail, ...(answer.errors || []).map((e) => `${e.pointer} ${e.detail}`)].join("; "));
  return answer;
}

function showKeyField() {
  $("key-field").hidden = false;
}

function showVerdict(kind, title, reason, facts) {
  const box = $("verdict");
  box.hidden = false;
  box.className = kind;
  const strong = document.createElement("strong");
  strong.textContent = title;
  box.replaceChildren(...(title ? [strong] : []), [reason, ...facts].filter(Boolean).join(" · "));
}

function solutionCard(solution, suggestion) {
  const card = $("solution").content.firstElementChild.cloneNode(true);
  translate(card);
  card.querySelector("h2").textContent = solution.title;
  const facts = [`${Math.round(solution.confidence * 100)} % ${text("likely")}`, text(solution.state) || solution.state];
  if (solution.evidence.solved) facts.push(`${text("tickets")}: ${solution.evidence.solved}`);
  facts.push(solution.tenant === "shared" ? text("shared") : solution.tenant, solution.solution_id);
  card.querySelector(".facts").textContent = facts.join(" · ");
  if (solution.matches.length) card.querySelector(".match").textContent = text("matched") + solution.matches[0].text;
  card.querySelector(".cautions").replaceChildren(...solution.cautions.map((caution) => {
    const item = document.createElement("li");
    item.textContent = caution;
    return item;
  }));
  card.querySelector(".resolution").textContent = solution.resolution;
  const said = card.querySelector(".said");
  card.querySelector(".copy").addEventListener("click", async () => {
    await navigator.clipboard.writeText(solution.resolution);
    said.textContent = text("copied");
  });
  for (const button of card.querySelectorAll("[data-outcome]")) {
    button.addEventListener("click", async () => {
      try {
        await call(`/v1/suggestions/${suggestion.suggestion_id}/feedback`, { solution_id: solution.solution_id, outcome: button.dataset.outcome });
        for (const other of card.querySelectorAll("[data-outcome]")) other.setAttribute("aria-pressed", other === button);
        said.textContent = text("thanks");
      } catch (error) {
        said.textContent = text("failed") + error.message;
      }
    });
  }
  return card;
}

$("ask").addEventListener("submit", async (event) => {
  event.preventDefault();
  const mine = ++asked;
  showVerdict("", "", text("searching"), []);
  $("solutions").replaceChildren();
  try {
    const ticket = { subject: $("subject").value, description: $("description").value };
    const suggestion = await call("/v1/suggest", { ticket });
    if (mine !== asked) return;
    const verdict = suggestion.verdict;
    const facts = [];
    if (verdict.typical_minutes !== null) facts.push(`${verdict.typical_minutes} ${text("minutes")}`);
    if (verdict.minutes_left !== null) facts.push(`${verdict.minutes_left} ${text("left")}`);
    showVerdict(verdict.status, text(verdict.status), verdict.reason, facts);
    $("solutions").replaceChildren(...suggestion.solutions.map((solution) => solutionCard(solution, suggestion)));
  } catch (error) {
    if (mine === asked) showVerdict("failed", "", text("failed") + error.message, []);
  }
});

$("language").addEventListener("click", () => {
  language = text("otherCode");
  localStorage.setItem("language", language);
  showLanguage();
});

$("tenant").value = localStorage.getItem("tenant") || "";
$("tenant").addEventListener("change", () => localStorage.setItem("tenant", $("tenant").value.trim()));
$("key").value = sessionStorage.getItem("key") || "";  // gone when the tab is closed
$("key").addEventListener("change", () => sessionStorage.setItem("key", $("key").value.trim()));
if ($("key").value) showKeyField();
showLanguage();
