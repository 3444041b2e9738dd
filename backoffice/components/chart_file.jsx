import { tr } from "./lang.jsx";
/* A chart leaves as a file: the SVG that is on the screen painted on a canvas, or its numbers as CSV. */

const SCALE = 2;
const EDGE = 24;
const TITLE = 24, LINE = 20;

/** The colour that a token has here, as the browser resolves it. */
function colour(host, token) {
  const probe = document.createElement("span");
  probe.style.color = `var(--${token})`;
  host.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/** Say where each series of the legend stands, and how many lines it takes. */
function legendOf(pen, series, width) {
  const places = [];
  let x = 0, row = 0;
  for (const one of series) {
    const wide = 26 + pen.measureText(one.name).width + 18;
    if (x && x + wide > width) { x = 0; row += 1; }
    places.push({ ...one, x, row });
    x += wide;
  }
  return { places, rows: series.length ? row + 1 : 0 };
}

/** Paint one element of the SVG with the look that it has on the screen. */
function paint(pen, element) {
  const look = getComputedStyle(element);
  const at = (name) => Number(element.getAttribute(name) ?? 0);
  pen.save();
  pen.globalAlpha = Number(look.opacity);
  pen.lineJoin = "round";
  pen.lineCap = look.strokeLinecap === "round" ? "round" : "butt";
  pen.lineWidth = parseFloat(look.strokeWidth) || 1;
  pen.setLineDash(look.strokeDasharray === "none" ? [] : look.strokeDasharray.split(/[ ,]+/).map(parseFloat));
  pen.strokeStyle = look.stroke;
  pen.fillStyle = look.fill;
  if (element.tagName === "text") {
    pen.font = `${look.fontWeight} ${look.fontSize} ${look.fontFamily}`;
    pen.textAlign = { middle: "center", end: "right" }[look.textAnchor] ?? "left";
    pen.fillText(element.textContent, at("x"), at("y"));
  } else {
    const shape = new Path2D(element.tagName === "path" ? element.getAttribute("d") : undefined);
    if (element.tagName === "line") { shape.moveTo(at("x1"), at("y1")); shape.lineTo(at("x2"), at("y2")); }
    if (element.tagName === "rect") shape.roundRect(at("x"), at("y"), at("width"), at("height"), at("rx"));
    if (look.fill !== "none" && element.tagName !== "line") pen.fill(shape);
    if (look.stroke !== "none") pen.stroke(shape);
  }
  pen.restore();
}

/** Paint a chart with its title, its period and its legend, twice as large as it is shown, on the theme's ground. */
export async function picture(figure, svg, { caption, period, series, isBar }) {
  await document.fonts.ready;
  const box = svg.viewBox.baseVal;
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  const family = getComputedStyle(figure).fontFamily;
  pen.font = `400 13px ${family}`;
  const { places, rows } = legendOf(pen, series, box.width);
  const head = EDGE + TITLE + (period ? LINE : 0) + rows * LINE + 12;
  canvas.width = (box.width + 2 * EDGE) * SCALE;
  canvas.height = (head + box.height + EDGE) * SCALE;
  pen.scale(SCALE, SCALE);
  pen.fillStyle = colour(figure, "panel");
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.translate(EDGE, EDGE);
  pen.fillStyle = colour(figure, "text");
  pen.font = `600 17px ${family}`;
  pen.fillText(caption, 0, 16, box.width);
  pen.font = `400 13px ${family}`;
  pen.fillStyle = colour(figure, "muted");
  if (period) pen.fillText(tr("{period}, saved {day}", { period, day: today() }), 0, TITLE + 14, box.width);
  const top = TITLE + (period ? LINE : 0);
  const text = colour(figure, "text");
  for (const one of places) {
    const y = top + one.row * LINE + 14;
    pen.strokeStyle = colour(figure, one.token);
    pen.lineWidth = isBar ? 8 : 2;
    pen.setLineDash(isBar || !one.dash ? [] : one.dash.split(" ").map(Number));
    pen.beginPath();
    pen.moveTo(one.x, y - 4);
    pen.lineTo(one.x + 20, y - 4);
    pen.stroke();
    pen.setLineDash([]);
    pen.fillStyle = text;
    pen.fillText(one.name, one.x + 26, y);
  }
  pen.translate(0, head - EDGE);
  for (const element of svg.querySelectorAll("line, rect, path, text")) {
    if (!element.classList.contains("hover-line")) paint(pen, element);
  }
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

/** Quote a text as spreadsheets want it, and keep them from running it as a formula. */
const quoted = (value) => {
  const text = value === null || value === undefined ? "" : String(value);
  const safe = typeof value === "number" || !/^[=+\-@\t\r]/.test(text) ? text : `'${text}`;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** Write the table twin as CSV (RFC 4180). */
export function csv({ across, labels, series }) {
  const lines = [[across, ...series.map((one) => one.name)], ...labels.map((label, at) => [label, ...series.map((one) => one.values?.[at])])];
  return new Blob([lines.map((line) => line.map(quoted).join(",") + "\r\n").join("")], { type: "text/csv" });
}

/** The day as it is here, in ISO 8601. */
const today = () => {
  const now = new Date(), two = (number) => String(number).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
};

/** Name a file after the chart and the day. */
export const fileName = (caption, ending) => {
  const words = caption.toLowerCase().normalize("NFKD").replace(/[^\p{Letter}\p{Number}]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 60);
  return `${words || "chart"}-${today()}.${ending}`;
};

/** Give a file to the browser. */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
