// The charts of the board: each is drawn from the table below it, in the colours of the page's theme.
import "./pages.js";

const language = document.documentElement.lang;
const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
const number = new Intl.NumberFormat(language);
const LONGEST_LABEL = 22;
const dark = matchMedia("(prefers-color-scheme: dark)");
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const short = (text) => (text.length > LONGEST_LABEL ? `${text.slice(0, LONGEST_LABEL - 1)}…` : text);

// { labels, series: [{ name, unit, colour, values }] }; columns without a unit are for readers of the table only.
function read(table) {
  const rows = [...table.tBodies[0].rows];
  const heads = [...table.tHead.rows[0].cells];
  const series = heads.flatMap((head, column) => (head.dataset.unit ? [{
    name: head.textContent.trim(),
    unit: head.dataset.unit,
    colour: head.dataset.colour ?? "accent",
    values: rows.map((row) => (row.cells[column].dataset.value === "" ? null : Number(row.cells[column].dataset.value))),
  }] : []));
  return { labels: rows.map((row) => row.cells[0].textContent.trim()), series };
}

function dataset({ name, unit, colour: hue, values }) {
  const share = unit === "share";
  const paint = colour(hue);
  return {
    type: share ? "line" : "bar", label: name, data: values, yAxisID: unit, order: share ? 0 : 1, unit,
    borderColor: share ? paint : colour("sheet"), backgroundColor: paint, borderWidth: share ? 2 : 1,
    pointRadius: share ? 3 : undefined, pointStyle: share ? "circle" : "rect", maxBarThickness: 48, spanGaps: true,
  };
}

function axis(unit, shown, side) {
  return {
    display: shown, position: side, beginAtZero: true, ...(unit === "share" ? { min: 0, max: 1 } : {}),
    ticks: { color: colour("soft"), ...(unit === "count" ? { precision: 0 } : { stepSize: 0.25 }), callback: (value) => (unit === "share" ? percent : number).format(value) },
    grid: { color: colour("line"), drawOnChartArea: side === "left" }, border: { color: colour("line") },
  };
}

function options(kind, { labels, series }) {
  const counts = series.some((one) => one.unit === "count");
  const stacked = kind === "stacked";
  return {
    responsive: true, maintainAspectRatio: false, animation: false,
    interaction: { mode: "index", intersect: false },
    scales: {
      x: { stacked, ticks: { color: colour("soft"), maxRotation: 60, callback: (value) => short(labels[value]) }, grid: { display: false }, border: { color: colour("line") } },
      count: { ...axis("count", counts, "left"), stacked },
      share: axis("share", series.some((one) => one.unit === "share"), counts ? "right" : "left"),
    },
    plugins: {
      legend: { display: series.length > 1 || kind === "line", labels: { color: colour("ink"), usePointStyle: true, boxWidth: 9, boxHeight: 9 } },
      tooltip: { callbacks: { label: ({ dataset: shown, raw }) => `${shown.label}: ${raw === null ? "–" : (shown.unit === "share" ? percent : number).format(raw)}` } },
    },
  };
}

function draw(figure) {
  const { chart: kind, goal, goalName } = figure.dataset;
  const table = read(figure.querySelector("table"));
  const datasets = table.series.map(dataset);
  if (goal) {
    const line = dataset({ name: `${goalName} ${percent.format(goal)}`, unit: "share", colour: "good", values: table.labels.map(() => Number(goal)) });
    datasets.push({ ...line, borderDash: [6, 4], pointRadius: 0, pointStyle: "line" });
  }
  return new window.Chart(figure.querySelector("canvas"), { data: { labels: table.labels, datasets }, options: options(kind, table) });
}

let drawn = [];
function drawAll() {
  for (const one of drawn) one.destroy();
  window.Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  drawn = [...document.querySelectorAll("figure.chart")].map(draw);
}
drawAll();
dark.addEventListener("change", drawAll);
