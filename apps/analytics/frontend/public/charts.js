// Charts as plain SVG and HTML; they know nothing of events.

const SVG = "http://www.w3.org/2000/svg";
const LEFT = 44;
const TOP = 18;
const BOTTOM = 24;
const number = new Intl.NumberFormat();

function svg(name, attributes, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

export function html(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  Object.assign(node, attributes);
  node.append(...children);
  return node;
}

/** The least of 1, 2, 5, 10, 20, 50 … that is not below the value, and at least 4. */
export function ceiling(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 4)));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= Math.max(value, 4));
}

/**
 * Draw counts over time as an area.
 * @param {HTMLElement} place where to draw
 * @param {{at: Date, count: number}[]} points in order of time, without gaps
 * @param {(at: Date) => string} label text of a point in time
 */
export function drawTime(place, points, label) {
  const width = Math.max(place.clientWidth, 240);
  const height = place.clientHeight;
  const top = ceiling(Math.max(...points.map((point) => point.count)));
  const x = (index) => LEFT + (index / Math.max(points.length - 1, 1)) * (width - LEFT - 8);
  const y = (count) => height - BOTTOM - (count / top) * (height - TOP - BOTTOM);
  const outline = points.map((point, index) => `${x(index)},${y(point.count)}`).join(" L");
  const total = points.reduce((sum, point) => sum + point.count, 0);
  const picture = svg("svg", {
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
    "aria-label": `${number.format(total)} events from ${label(points[0].at)} to ${label(points.at(-1).at)}`,
  });
  for (const part of [0, 0.25, 0.5, 0.75, 1]) {
    const level = y(top * part);
    picture.append(svg("line", { class: "grid", x1: LEFT, x2: width - 8, y1: level, y2: level }));
    if (part % 0.5 === 0) {
      picture.append(svg("text", { x: LEFT - 8, y: level + 4, "text-anchor": "end" }, number.format(top * part)));
    }
  }
  const steps = Math.max(2, Math.min(6, Math.floor(width / 130)));
  for (let step = 0; step <= steps; step += 1) {
    const index = Math.round((step / steps) * (points.length - 1));
    const anchor = step === 0 ? "start" : step === steps ? "end" : "middle";
    picture.append(svg("text", { x: x(index), y: height - 5, "text-anchor": anchor }, label(points[index].at)));
  }
  picture.append(
    svg("path", { class: "area", d: `M${x(0)},${y(0)} L${outline} L${x(points.length - 1)},${y(0)} Z` }),
    svg("path", { class: "line", d: `M${outline}` }),
  );
  const pointer = svg("g", { visibility: "hidden" });
  picture.append(pointer);
  picture.addEventListener("pointermove", (event) => {
    const share = (event.offsetX - LEFT) / (width - LEFT - 8);
    const index = Math.min(points.length - 1, Math.max(0, Math.round(share * (points.length - 1))));
    const { at, count } = points[index];
    const anchor = index < points.length / 2 ? "start" : "end";
    pointer.setAttribute("visibility", "visible");
    pointer.replaceChildren(
      svg("line", { class: "guide", x1: x(index), x2: x(index), y1: TOP, y2: height - BOTTOM }),
      svg("circle", { class: "mark", cx: x(index), cy: y(count), r: 5 }),
      svg("text", { class: "reading", x: x(index), y: TOP - 6, "text-anchor": anchor }, `${label(at)}: ${number.format(count)}`),
    );
  });
  picture.addEventListener("pointerleave", () => pointer.setAttribute("visibility", "hidden"));
  place.replaceChildren(picture);
}

/** Draw counts as horizontal bars: one list, longest first. */
export function drawBars(place, groups) {
  const most = Math.max(...groups.map((group) => group.count));
  const rows = groups.map(({ key, count }) => {
    const fill = html("div", { className: "fill" });
    fill.style.width = `${(count / most) * 100}%`;
    const row = html(
      "div",
      { className: "row" },
      html("span", { className: "name", title: key }, key),
      html("div", { className: "track", ariaHidden: "true" }, fill),
      html("span", { className: "count" }, number.format(count)),
    );
    row.setAttribute("role", "listitem");
    return row;
  });
  const list = html("div", { className: "bars" }, ...rows);
  place.setAttribute("role", "list");
  place.replaceChildren(...list.children);
}

/** Say that there is nothing to draw. */
export function drawEmpty(place, text) {
  place.removeAttribute("role");
  place.replaceChildren(html("p", { className: "empty" }, text));
}
