import { useEffect, useRef, useState } from "react";
import OpenSeadragon from "openseadragon";
import { Icon } from "./icon.jsx";
import { tr } from "./lang.jsx";

const ZOOM = 1.35;
const PAN = 0.12;
const LEAST_MARK = 4;
const NUDGE = 0.01;
const LEAST_SHARE = 0.01;
const HOW = "New mark. Arrow keys move it, Shift and arrow keys size it, Enter keeps it, Escape discards it.";
const percent = (share) => `${Math.round(share * 100)} %`;
const spoken = ([x, y, w, h]) => tr("{x} from the left, {y} from the top, {w} wide, {h} high", { x: percent(x), y: percent(y), w: percent(w), h: percent(h) });
const within = (low, value, high) => Math.round(Math.max(low, Math.min(high, value)) * 10000) / 10000;

function open(element) {
  return OpenSeadragon({
    element, drawer: "canvas", showNavigationControl: false, maxZoomPixelRatio: 8, visibilityRatio: 0.5, animationTime: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 0.25,
    gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true }, keyboardNavEnabled: false,
  });
}

/** The affine map from image pixels to the stage, so that boxes follow zoom and rotation. */
function matrix(viewer) {
  const image = viewer.world.getItemAt(0);
  if (!image) return null;
  const at = (x, y) => image.imageToViewerElementCoordinates(new OpenSeadragon.Point(x, y));
  const o = at(0, 0), x = at(1000, 0), y = at(0, 1000);
  const size = image.getContentSize();
  return { size, map: [(x.x - o.x) / 1000, (x.y - o.y) / 1000, (y.x - o.x) / 1000, (y.y - o.y) / 1000, o.x, o.y] };
}

/** Whether the whole page is shown as it opened: then it stays whole when the stage changes its size. */
const isFitted = (port) => Math.abs(port.getZoom() / port.getHomeZoom() - 1) < 0.01 && port.getCenter().distanceTo(port.getHomeBounds().getCenter()) < 0.01;

const Tool = ({ icon, label, keys, command, ...rest }) => (
  <button type="button" className="button" data-tone="ghost" data-icon="only" data-size="sm" aria-label={label} title={`${label}${keys ? ` (${keys})` : ""}`}
    aria-keyshortcuts={keys} data-command={command} {...rest}><Icon name={icon} /></button>
);

/**
 * One page of a document: zoom, pan, turn, invert, brighten, loupe, boxes that light up both ways, marks.
 * `boxes` are fractions of the page: {id, label, box: [x, y, w, h], tone}. Marks come back in the same measure.
 */
export function DocViewer({ src, label = "Document page", boxes = [], marks = [], current = "", marking = false, markable = true, group = "", tools = true, failed = "This picture could not be loaded. Try again; if it stays away, you can still ask the applicant again.", onSelect, onMark, onUnmark, onReady }) {
  const stage = useRef(null), canvas = useRef(null), placer = useRef(null), viewer = useRef(null), calls = useRef({});
  const [place, setPlace] = useState(null);
  const [zoom, setZoom] = useState(100);
  const [state, setState] = useState("loading");
  const [inverted, setInverted] = useState(false);
  const [brightness, setBrightness] = useState(100);
  const [loupe, setLoupe] = useState(false);
  const [pointer, setPointer] = useState(null);
  const [drawing, setDrawing] = useState(marking);
  const [shown, setShown] = useState(true);
  const [draft, setDraft] = useState(null);
  const [placed, setPlaced] = useState(null);
  const [said, setSaid] = useState("");
  calls.current = { onSelect, onMark, onUnmark, onReady };
  useEffect(() => setDrawing(marking), [marking]);
  useEffect(() => { if (placed) placer.current?.focus({ preventScroll: true }); }, [Boolean(placed)]);

  useEffect(() => {
    const view = open(canvas.current);
    viewer.current = view;
    let applying = false, fits = true;
    const measure = () => {
      setPlace(matrix(view));
      if (view.viewport && view.world.getItemCount()) setZoom(Math.round(view.viewport.viewportToImageZoom(view.viewport.getZoom(true)) * 100));
    };
    const tell = () => {
      if (!group || applying) return;
      dispatchEvent(new CustomEvent("viewer-moved", { detail: { group, from: view, zoom: view.viewport.getZoom(), center: view.viewport.getCenter(), turn: view.viewport.getRotation() } }));
    };
    const follow = ({ detail }) => {
      if (!group || detail.group !== group || detail.from === view || !view.world.getItemCount()) return;
      applying = true;
      view.viewport.zoomTo(detail.zoom, null, true); view.viewport.panTo(detail.center, true); view.viewport.setRotation(detail.turn);
      applying = false;
    };
    view.addHandler("open", () => { setState("ready"); measure(); calls.current.onReady?.(); });
    view.addHandler("open-failed", () => setState("failed"));
    view.addHandler("update-viewport", () => { measure(); fits = isFitted(view.viewport); }); view.addHandler("rotate", measure);
    view.addHandler("resize", () => {
      measure();
      if (fits) requestAnimationFrame(() => view.viewport?.goHome(true));
    });
    view.addHandler("viewport-change", tell);
    addEventListener("viewer-moved", follow);
    return () => { removeEventListener("viewer-moved", follow); view.destroy(); };
  }, []);
  useEffect(() => { setState("loading"); setPlace(null); setPlaced(null); setDrawing(false); if (src) viewer.current.open({ type: "image", url: src }); }, [src]);

  const port = () => viewer.current?.viewport;
  const by = (factor) => { port()?.zoomBy(factor); port()?.applyConstraints(); };
  const turn = (degrees = 90) => port()?.setRotation(port().getRotation() + degrees);
  const fit = () => { port()?.setRotation(0); port()?.goHome(); };
  const size = place?.size;
  const pixels = ([x, y, w, h]) => ({ x: x * size.x, y: y * size.y, width: w * size.x, height: h * size.y });
  useEffect(() => {
    const found = [...boxes, ...marks].find((one) => one.id === current);
    if (!found || !size) return;
    const { x, y, width, height } = pixels(found.box);
    const wanted = port().imageToViewportRectangle(x - width, y - height * 2, width * 3, height * 5);
    const seen = port().getBounds();
    if (!seen.containsPoint(wanted.getTopLeft()) || !seen.containsPoint(wanted.getBottomRight())) port().fitBoundsWithConstraints(wanted);
  }, [current, size?.x]);

  const keys = (event) => {
    const move = { ArrowLeft: [-PAN, 0], ArrowRight: [PAN, 0], ArrowUp: [0, -PAN], ArrowDown: [0, PAN] }[event.key];
    if (move) {
      event.preventDefault();
      const bounds = port().getBounds();
      port().panBy(new OpenSeadragon.Point(move[0] * bounds.width, move[1] * bounds.height)); port().applyConstraints();
    } else if (event.key === "Escape" && (drawing || loupe)) { event.preventDefault(); event.stopPropagation(); stop(); setLoupe(false); }
  };
  const stop = () => { setDrawing(false); setDraft(null); setPlaced(null); };
  /** By mouse one draws; a key places a mark in the middle of the view, to be moved and sized from there. */
  const begin = (byKey) => {
    if (drawing) return stop();
    setDrawing(true);
    if (!byKey || !size) return;
    const seen = viewer.current.world.getItemAt(0).viewportToImageRectangle(port().getBounds(true));
    const width = within(LEAST_SHARE, (seen.width / size.x) * 0.25, 0.25), height = within(LEAST_SHARE, (seen.height / size.y) * 0.2, 0.2);
    const [x, y] = [(seen.x + seen.width / 2) / size.x, (seen.y + seen.height / 2) / size.y];
    const box = [within(0, x - width / 2, 1 - width), within(0, y - height / 2, 1 - height), width, height];
    setPlaced(box); setSaid(`${HOW} ${spoken(box)}`);
  };
  const placing = (event) => {
    if (event.key === "Tab" || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault(); event.stopPropagation();
    const step = { ArrowLeft: [-NUDGE, 0], ArrowRight: [NUDGE, 0], ArrowUp: [0, -NUDGE], ArrowDown: [0, NUDGE] }[event.key];
    if (step) {
      const [x, y, w, h] = placed;
      const box = event.shiftKey ? [x, y, within(LEAST_SHARE, w + step[0], 1 - x), within(LEAST_SHARE, h + step[1], 1 - y)] : [within(0, x + step[0], 1 - w), within(0, y + step[1], 1 - h), w, h];
      setPlaced(box); setSaid(spoken(box));
    } else if (event.key === "Enter" && !event.repeat) { stop(); setSaid("Mark kept."); canvas.current?.focus(); calls.current.onMark?.({ id: crypto.randomUUID(), box: placed }); }
    else if (event.key === "Escape") { stop(); setSaid("Mark discarded."); canvas.current?.focus(); }
  };
  const inPage = (event) => {
    const frame = stage.current.getBoundingClientRect();
    const point = viewer.current.world.getItemAt(0).viewerElementToImageCoordinates(new OpenSeadragon.Point(event.clientX - frame.left, event.clientY - frame.top));
    return [point.x / size.x, point.y / size.y];
  };
  const rectangle = ([ax, ay], [bx, by]) => [Math.min(ax, bx), Math.min(ay, by), Math.abs(ax - bx), Math.abs(ay - by)].map((value) => Math.round(Math.max(0, Math.min(1, value)) * 10000) / 10000);
  const pen = drawing && size ? {
    onPointerDown: (event) => { setPlaced(null); event.currentTarget.setPointerCapture(event.pointerId); const start = inPage(event); setDraft([start, start]); },
    onPointerMove: (event) => { if (draft) setDraft([draft[0], inPage(event)]); },
    onPointerUp: (event) => {
      if (!draft) return;
      const box = rectangle(draft[0], inPage(event));
      setDraft(null); setDrawing(false);
      if (box[2] * size.x > LEAST_MARK && box[3] * size.y > LEAST_MARK) calls.current.onMark?.({ id: crypto.randomUUID(), box });
    },
  } : {};
  const glass = (event) => {
    if (!loupe || !size) return;
    const frame = stage.current.getBoundingClientRect();
    const [x, y] = inPage(event);
    setPointer({ left: event.clientX - frame.left - 110, top: event.clientY - frame.top - 110, x, y });
  };
  const turned = port()?.getRotation?.() ?? 0;
  const filter = `${inverted ? "invert(1) " : ""}brightness(${brightness}%)`;
  const big = size ? Math.max(size.x, 2400) : 0;
  return (
    <div className="viewer">
      <div className="viewer-stage" ref={stage} onPointerMove={glass} onPointerLeave={() => setPointer(null)}>
        <div className="canvas" style={{ filter }} ref={canvas} role="img" aria-label={tr("{label}. Arrow keys move it.", { label })} tabIndex={0} onKeyDown={keys} data-testid="viewer-image" data-state={state} />
        <svg data-drawing={drawing} {...pen} aria-hidden={!place}>
          {place && size ? (
            <g transform={`matrix(${place.map.join(" ")})`}>
              {shown ? boxes.map((one) => (
                <rect key={one.id} className="viewer-box" rx="4" {...pixels(one.box)} data-tone={one.tone} data-current={one.id === current} data-box={one.id} tabIndex={0} role="button"
                  aria-label={one.label} aria-pressed={one.id === current} style={drawing ? { pointerEvents: "none" } : undefined}
                  onClick={() => calls.current.onSelect?.(one.id)} onWheel={(event) => viewer.current.canvas.dispatchEvent(new WheelEvent("wheel", event.nativeEvent))}
                  onKeyDown={(event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); calls.current.onSelect?.(one.id); } }}><title>{one.label}</title></rect>
              )) : null}
              {marks.map((one) => (
                <rect key={one.id} className="viewer-box" data-mark="true" {...pixels(one.box)} data-tone={one.tone} data-current={one.id === current} data-box={one.id} tabIndex={0} role="button"
                  aria-label={one.label} aria-pressed={one.id === current} style={drawing ? { pointerEvents: "none" } : undefined}
                  onClick={() => calls.current.onSelect?.(one.id)}
                  onKeyDown={(event) => {
                    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); calls.current.onSelect?.(one.id); }
                    if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); calls.current.onUnmark?.(one.id); }
                  }}><title>{one.label}</title></rect>
              ))}
              {placed ? <rect className="viewer-box" data-mark="true" data-placed="true" {...pixels(placed)} /> : null}
              {draft ? <rect className="viewer-box" data-mark="true" {...pixels(rectangle(...draft))} /> : null}
            </g>
          ) : null}
        </svg>
        {placed ? <div ref={placer} className="viewer-placer" role="application" tabIndex={0} aria-label={HOW} onKeyDown={placing} data-testid="viewer-placer"><kbd>←↑↓→</kbd> move <kbd>Shift</kbd> size <kbd>Enter</kbd> keep <kbd>Esc</kbd> discard</div> : null}
        <p className="visually-hidden" role="status" data-testid="viewer-said">{said}</p>
        {loupe && pointer ? (
          <div className="viewer-loupe" style={{ left: pointer.left, top: pointer.top, filter, transform: `rotate(${turned}deg)`, backgroundImage: `url("${src}")`, backgroundSize: `${big}px ${(big * size.y) / size.x}px`, backgroundPosition: `${110 - pointer.x * big}px ${110 - (pointer.y * big * size.y) / size.x}px` }} />
        ) : null}
        {state === "failed" ? <div className="viewer-message" role="alert"><div className="stack"><Icon name="file-x" size={24} /><p>{failed}</p><button type="button" className="button" onClick={() => { setState("loading"); viewer.current.open({ type: "image", url: src }); }}>Try again</button></div></div> : null}
        {state === "loading" ? <div className="viewer-message" role="status"><Icon name="loader-circle" size={24} className="spin" label="Loading the picture" /></div> : null}
      </div>
      {tools ? (
        <div className="viewer-tools" role="toolbar" aria-label="Picture tools">
          <Tool icon="minus" label="Zoom out" keys="-" command="zoom-out" onClick={() => by(1 / ZOOM)} />
          <span className="zoom" aria-live="off">{zoom} %</span>
          <Tool icon="plus" label="Zoom in" keys="+" command="zoom-in" onClick={() => by(ZOOM)} />
          <Tool icon="maximize" label="Fit" keys="0" command="zoom-fit" onClick={fit} />
          <Tool icon="rotate-cw" label="Turn right" keys="O" command="rotate" onClick={() => turn()} />
          <Tool icon="search" label="Loupe" keys="L" command="loupe" aria-pressed={loupe} onClick={() => setLoupe(!loupe)} />
          <Tool icon="contrast" label="Invert" keys="I" command="invert" aria-pressed={inverted} onClick={() => setInverted(!inverted)} />
          {boxes.length ? <Tool icon={shown ? "eye" : "eye-off"} label="Show boxes" aria-pressed={shown} onClick={() => setShown(!shown)} /> : null}
          {onMark && markable ? <Tool icon="square-dashed-mouse-pointer" label="Mark an area" keys="M" command="mark" aria-pressed={drawing} onClick={(event) => begin(event.detail === 0)} /> : null}
          <label>Light <input type="range" min="40" max="220" step="10" value={brightness} aria-label="Brightness" onChange={(event) => setBrightness(Number(event.target.value))} /></label>
        </div>
      ) : null}
    </div>
  );
}
