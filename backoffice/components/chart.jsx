import { useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { csv, fileName, picture, save } from "./chart_file.jsx";
import { Menu } from "./dialog.jsx";
import { Icon } from "./icon.jsx";
import { locale, tr } from "./lang.jsx";

const path = (points) => points.map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

export function Sparkline({ values = [], label }) {
  const data = values ?? [];
  if (data.length < 2) return null;
  const top = Math.max(...data), low = Math.min(...data), span = top - low || 1;
  const points = data.map((value, index) => [(index / (data.length - 1)) * 88, 25 - ((value - low) / span) * 22]);
  return (
    <svg className="spark" viewBox="0 0 88 28" preserveAspectRatio="none" aria-hidden={!label} role={label ? "img" : undefined} aria-label={label}>
      <path className="area" d={`${path(points)}L88 28L0 28Z`} />
      <path d={path(points)} />
    </svg>
  );
}

const TONES = { brand: "var(--chart-brand)", good: "var(--chart-good)", warn: "var(--chart-warn)", bad: "var(--chart-bad)", mute: "var(--chart-mute)" };
const DASHES = ["", "6 4", "2 4", "10 3 2 3"];

/** A scale that ends on a round number, whose half is a whole one where few things are counted. */
function ceiling(top) {
  if (top <= 10) return Math.max(4, 2 * Math.ceil(top / 2));
  const power = 10 ** Math.floor(Math.log10(top));
  return [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].map((step) => step * power).find((step) => step >= top);
}

const format = (value) => (value === null || value === undefined ? "-" : new Intl.NumberFormat(locale()).format(value));

const WIDEST = 720, NARROWEST = 240;
/** What a label of the x axis takes. */
const LABEL = 84;

/** How wide to draw: as wide as there is room, so that its words stay as large as they are; a larger one is scaled. */
function useWidth(figure) {
  const [width, setWidth] = useState(WIDEST);
  useLayoutEffect(() => {
    const measure = () => {
      const room = figure.current?.clientWidth;
      if (room) setWidth(Math.min(WIDEST, Math.max(NARROWEST, room)));
    };
    measure();
    const watched = new ResizeObserver(measure);
    watched.observe(figure.current);
    return () => watched.disconnect();
  }, [figure]);
  return width;
}

/**
 * Lines or stacked bars with their table twin. `series` is [{name, tone, values}], `labels` the x axis.
 * Dashes and the legend carry what colour alone must not.
 */
export function Chart({ labels = [], series = [], kind = "line", caption = "", unit = "", across = "When", height = 208 }) {
  const [asTable, setAsTable] = useState(false);
  const [at, setAt] = useState(null);
  const box = useRef(null), figure = useRef(null);
  const id = useId();
  const width = useWidth(figure);
  const left = 40, bottom = 22, top = 8;
  const inner = { w: width - left - 8, h: height - bottom - top };
  const most = useMemo(() => {
    const sums = labels.map((_, index) => {
      const all = series.map((one) => one.values?.[index] ?? 0);
      return kind === "bar" ? all.reduce((a, b) => a + b, 0) : Math.max(0, ...all);
    });
    return ceiling(Math.max(0, ...sums));
  }, [labels, series, kind]);
  const step = kind === "bar" ? inner.w / Math.max(1, labels.length) : inner.w / Math.max(1, labels.length - 1);
  const x = (index) => left + (kind === "bar" ? step * (index + 0.5) : step * index);
  const y = (value) => top + inner.h - (value / most) * inner.h;
  const every = Math.max(1, Math.ceil(labels.length / Math.floor(inner.w / LABEL)));
  const hover = (event) => {
    const frame = box.current.getBoundingClientRect();
    const inside = ((event.clientX - frame.left) / frame.width) * width;
    const index = kind === "bar" ? Math.floor((inside - left) / step) : Math.round((inside - left) / step);
    setAt(index >= 0 && index < labels.length ? index : null);
  };
  const legend = (
    <ul className="chart-legend" aria-hidden="true">
      {series.map((one, index) => (
        <li key={one.name}>
          <svg width="20" height="8"><line x1="0" y1="4" x2="20" y2="4" stroke={TONES[one.tone] ?? TONES.brand} strokeWidth={kind === "bar" ? 8 : 2} strokeDasharray={kind === "bar" ? "" : DASHES[index % 4]} /></svg>
          {one.name}{at !== null ? <b>{format(one.values?.[at])}{unit}</b> : null}
        </li>
      ))}
      {at !== null ? <li className="muted">{labels[at]}</li> : null}
    </ul>
  );
  const parts = series.map((one, index) => ({ name: one.name, token: `chart-${TONES[one.tone] ? one.tone : "brand"}`, dash: DASHES[index % 4] }));
  const period = labels.length > 1 ? `${labels[0]} – ${labels.at(-1)}` : labels[0] ?? "";
  const asPicture = async () => {
    const blob = await picture(figure.current, box.current, { caption, period, series: parts, isBar: kind === "bar" });
    if (blob) save(blob, fileName(caption, "png"));
  };
  const table = (
    <div className="table-region region" role="region" aria-labelledby={id} tabIndex={0} style={{ maxHeight: height + 40 }}>
      <table className="table" style={{ "--row": "28px" }}>
        <thead><tr><th scope="col">{across}</th>{series.map((one) => <th scope="col" className="num" key={one.name}>{one.name}</th>)}</tr></thead>
        <tbody>{labels.map((label, index) => <tr key={label}><th scope="row">{label}</th>{series.map((one) => <td className="num" key={one.name}>{format(one.values?.[index])}{unit}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
  return (
    <figure className="chart-box" ref={figure}>
      <div className="chart-top">
        {legend}<figcaption id={id} className="visually-hidden">{caption}</figcaption>
        <span className="grow" />
        <Menu label={tr("{caption}: save as a file", { caption })} icon="download" testId="chart-save">
          <button type="button" onClick={asPicture} data-testid="chart-png" data-closes><Icon name="scan-line" size={15} />PNG picture</button>
          <button type="button" onClick={() => save(csv({ across, labels, series }), fileName(caption, "csv"))} data-testid="chart-csv" data-closes><Icon name="table" size={15} />CSV table</button>
        </Menu>
        <button type="button" className="button" data-tone="ghost" data-size="sm" data-icon="only" aria-pressed={asTable} aria-label={tr("{caption}: show as table", { caption })} title="Show as table" onClick={() => setAsTable(!asTable)}>
          <Icon name="table" size={15} />
        </button>
      </div>
      {asTable ? table : null}
      <svg ref={box} className="chart" style={{ display: asTable ? "none" : undefined }} viewBox={`0 0 ${width} ${height}`} role="img" aria-labelledby={id} onPointerMove={hover} onPointerLeave={() => setAt(null)}>
        {[0, 0.25, 0.5, 0.75, 1].map((part) => (
          <g key={part}>
            <line className={part ? "grid-line" : "base"} x1={left} x2={width - 8} y1={y(most * part)} y2={y(most * part)} />
            {part * 4 % 2 === 0 ? <text x={left - 8} y={y(most * part) + 4} textAnchor="end">{format(most * part)}</text> : null}
          </g>
        ))}
        {labels.map((label, index) => (index % every ? null : <text key={label} x={x(index)} y={height - 4} textAnchor={kind === "bar" ? "middle" : index === 0 ? "start" : index === labels.length - 1 ? "end" : "middle"}>{label}</text>))}
        {kind === "bar"
          ? labels.map((label, index) => {
              let base = 0;
              return series.map((one) => {
                const value = one.values?.[index] ?? 0;
                const bar = <rect key={label + one.name} x={x(index) - step * 0.32} width={step * 0.64} y={y(base + value)} height={Math.max(0, y(base) - y(base + value) - 1)} rx="2" fill={TONES[one.tone] ?? TONES.brand} opacity={at === null || at === index ? 1 : 0.45} />;
                base += value;
                return bar;
              });
            })
          : series.map((one, index) => <path key={one.name} className="series" stroke={TONES[one.tone] ?? TONES.brand} strokeDasharray={DASHES[index % 4]} d={path((one.values ?? []).flatMap((value, place) => (typeof value === "number" ? [[x(place), y(value)]] : [])))} />)}
        {at !== null && kind === "line" ? <line className="hover-line" x1={x(at)} x2={x(at)} y1={top} y2={top + inner.h} /> : null}
        {at !== null && kind === "line" ? series.filter((one) => typeof one.values?.[at] === "number").map((one) => <circle key={one.name} cx={x(at)} cy={y(one.values[at])} r="3.5" fill={TONES[one.tone] ?? TONES.brand} stroke="var(--panel)" strokeWidth="2" />) : null}
      </svg>
    </figure>
  );
}
