import { useContext, useEffect, useState } from "react";
import { ColorModeContext } from "$/utils/context";
import { Icon } from "./icon.jsx";

const THEMES = [["light", "Light", "sun"], ["dark", "Dark", "moon"], ["system", "As the system", "monitor"]];
export const DENSITIES = [["compact", "Compact"], ["", "Normal"], ["relaxed", "Relaxed"]];

/** Sets how high rows are, here and for later pages. */
export function chooseDensity(name) {
  document.documentElement.dataset.density = name;
  try { localStorage.setItem("density", name); } catch { /* kept for this page only */ }
  dispatchEvent(new CustomEvent("density", { detail: name }));
}

/** Light, dark or as the system; kept under the key that theme.js reads before the first paint. */
export function ThemeSwitch() {
  const { rawColorMode, setColorMode } = useContext(ColorModeContext);
  const [mounted, setMounted] = useState(false);
  useEffect(() => setMounted(true), []);
  return (
    <div className="segment" role="group" aria-label="Theme" data-testid="theme-switch">
      {THEMES.map(([mode, words, icon]) => (
        <button key={mode} type="button" aria-pressed={mounted && rawColorMode === mode} aria-label={words} title={words} onClick={() => setColorMode(mode)}><Icon name={icon} size={15} /></button>
      ))}
    </div>
  );
}

export function DensitySwitch() {
  const [density, setDensity] = useState(null);
  useEffect(() => {
    try { setDensity(localStorage.getItem("density") ?? ""); } catch { setDensity(""); }
    const chosen = (event) => setDensity(event.detail);
    addEventListener("density", chosen);
    return () => removeEventListener("density", chosen);
  }, []);
  return (
    <div className="segment" role="group" aria-label="Density of tables">
      {DENSITIES.map(([name, words]) => <button key={words} type="button" aria-pressed={density === name} onClick={() => chooseDensity(name)}>{words}</button>)}
    </div>
  );
}

/** The skip link: the router rewrites hash links, so the focus is moved here. */
export function SkipLink({ words = "Skip to main content" }) {
  const go = (event) => { event.preventDefault(); const main = document.getElementById("main"); main?.focus(); main?.scrollIntoView(); };
  return <a className="skip" href="#main" onClick={go}>{words}</a>;
}
