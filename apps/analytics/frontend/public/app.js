// The page: asks the API on its own origin every few seconds and draws the answers.

import { drawBars, drawEmpty, drawTime, html } from "./charts.js";

const REFRESH_MILLISECONDS = 3000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PERIODS = {
  hour: { length: HOUR, step: MINUTE, groupBy: "minute", unit: "minute", label: { hour: "2-digit", minute: "2-digit" } },
  day: { length: 24 * HOUR, step: HOUR, groupBy: "hour", unit: "hour", label: { hour: "2-digit", minute: "2-digit" } },
  week: { length: 7 * 24 * HOUR, step: HOUR, groupBy: "hour", unit: "hour", label: { weekday: "short", hour: "2-digit" } },
};
const SHOWN = 8;

const number = new Intl.NumberFormat();
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const element = (id) => document.getElementById(id);

let period = PERIODS[location.hash.slice(1)] ?? PERIODS.hour;
let known = null;
let drawn = null;
let asked = 0;

async function ask(path, options = {}) {
  const answer = await fetch(path, { ...options, signal: AbortSignal.timeout(8000) });
  if (answer.ok) return answer.json();
  const body = await answer.json().catch(() => null);
  throw new Error(body?.error?.message ?? `the API answers ${answer.status}`);
}

/** The period as whole steps that end with the present one. */
function bounds() {
  const to = Math.floor(Date.now() / period.step) * period.step + period.step;
  return { from: to - period.length, to };
}

function summary(groupBy, { from, to }, limit) {
  const query = new URLSearchParams({
    from: new Date(from).toISOString(), to: new Date(to).toISOString(), groupBy, limit,
  });
  return ask(`/v1/events/summary?${query}`);
}

/** One point per step of the period, also where nothing happened. */
function series(groups, { from, to }) {
  const counts = new Map(groups.map(({ key, count }) => [Date.parse(key), count]));
  const points = [];
  for (let at = from; at < to; at += period.step) points.push({ at: new Date(at), count: counts.get(at) ?? 0 });
  return points;
}

async function refresh() {
  const turn = (asked += 1);
  const span = bounds();
  try {
    const [overTime, types, users, page] = await Promise.all([
      summary(period.groupBy, span, 1500),
      summary("eventType", span, 100),
      summary("userId", span, SHOWN),
      ask("/v1/events?limit=12"),
    ]);
    if (turn !== asked) return;
    draw({ points: series(overTime.groups, span), total: overTime.total, types, users, events: page.events });
    show("good", `Live, ${clock.format(new Date())}`);
  } catch (error) {
    if (turn !== asked) return;
    const reason = error.name === "TimeoutError" ? "the API does not answer" : error.message;
    show("bad", `Cannot refresh: ${reason}. Trying again…`);
    if (!drawn) for (const id of ["time", "types", "users", "events"]) empty(id, "Nothing could be read yet.");
  }
}

function show(kind, text) {
  element("state").className = `state ${kind}`;
  element("state").textContent = text;
  document.body.classList.toggle("stale", kind === "bad" && drawn !== null);
}

function empty(id, text) {
  element(id).classList.remove("loading");
  drawEmpty(element(id), text);
}

function draw(data) {
  drawn = data;
  const { points, total, types, users, events } = data;
  drawFigures(data);
  element("time-title").textContent = `Events per ${period.unit}`;
  const format = new Intl.DateTimeFormat(undefined, period.label);
  for (const [id, work] of [
    ["time", (place) => drawTime(place, points, (at) => format.format(at))],
    ["types", (place) => drawBars(place, types.groups.slice(0, SHOWN))],
    ["users", (place) => drawBars(place, users.groups)],
  ]) {
    if (total === 0) empty(id, "No events in this period. Send one with the button above.");
    else {
      element(id).classList.remove("loading");
      work(element(id));
    }
  }
  if (events.length === 0) empty("events", "No events yet.");
  else drawEvents(events);
}

function drawFigures({ points, total, types, events }) {
  const peak = points.reduce((best, point) => (point.count > best.count ? point : best));
  const format = new Intl.DateTimeFormat(undefined, period.label);
  const figures = {
    total: [number.format(total), `per ${period.unit}: ${number.format(Math.round((total / points.length) * 10) / 10)}`],
    peak: total ? [number.format(peak.count), `in one ${period.unit}, ${format.format(peak.at)}`] : ["–", "nothing yet"],
    kinds: [number.format(types.groups.length), types.groups[0] ? `mostly ${types.groups[0].key}` : "nothing yet"],
    latest: events[0] ? [clock.format(new Date(events[0].timestamp)), `${events[0].eventType} of ${events[0].userId}`] : ["–", "nothing yet"],
  };
  for (const [id, [value, note]] of Object.entries(figures)) {
    element(id).textContent = value;
    element(`${id}-note`).textContent = note;
    element(`${id}-note`).title = note;
  }
}

function drawEvents(events) {
  const place = element("events");
  place.classList.remove("loading");
  const head = html("tr", {}, ...["Time", "Type", "User", "Session", "Properties"].map((name) => html("th", { scope: "col" }, name)));
  const today = new Date().toDateString();
  const rows = events.map((event) => {
    const at = new Date(event.timestamp);
    const day = at.toDateString() === today ? "" : `${at.toLocaleDateString()} `;
    const properties = JSON.stringify(event.properties);
    return html(
      "tr",
      { className: known && !known.has(event.eventId) ? "new" : "" },
      html("td", { className: "time" }, day + clock.format(at)),
      html("td", {}, html("span", { className: "tag" }, event.eventType)),
      html("td", {}, event.userId),
      html("td", {}, event.sessionId),
      html("td", { className: "properties", title: properties }, properties),
    );
  });
  known = new Set(events.map((event) => event.eventId));
  place.replaceChildren(html("table", {}, html("thead", {}, head), html("tbody", {}, ...rows)));
}

function identifier() {
  // crypto.randomUUID is there on secure origins only.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function send() {
  const button = element("send");
  button.disabled = true;
  const event = {
    eventId: identifier(),
    userId: "you",
    sessionId: "this-page",
    eventType: "button_click",
    timestamp: new Date().toISOString(),
    properties: { from: "dashboard", width: innerWidth },
  };
  try {
    await ask("/v1/events", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ events: [event] }),
    });
    show("good", "Accepted; it will be here in a moment");
    setTimeout(refresh, 700);
  } catch (error) {
    show("bad", `Not accepted: ${error.message}`);
  } finally {
    button.disabled = false;
  }
}

function choose(name) {
  period = PERIODS[name];
  history.replaceState(null, "", `#${name}`);
  for (const button of document.querySelectorAll("[data-period]")) {
    button.setAttribute("aria-pressed", String(button.dataset.period === name));
  }
}

function start() {
  choose(Object.keys(PERIODS).find((name) => PERIODS[name] === period));
  for (const button of document.querySelectorAll("[data-period]")) {
    button.addEventListener("click", () => {
      choose(button.dataset.period);
      refresh();
    });
  }
  element("send").addEventListener("click", send);
  addEventListener("resize", () => drawn && draw(drawn));
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
  setInterval(() => document.hidden || refresh(), REFRESH_MILLISECONDS);
  refresh();
}

start();
