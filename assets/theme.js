// Sets the stored theme before the first paint; the switch in the top bar writes the same key.
(() => {
  const media = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => {
    let stored = null;
    try { stored = localStorage.getItem("theme"); } catch { /* storage is refused: follow the system */ }
    const mode = stored === "light" || stored === "dark" ? stored : media.matches ? "dark" : "light";
    const root = document.documentElement;
    root.classList.remove("light", "dark");
    root.classList.add(mode);
    root.style.colorScheme = mode;
    let density = null;
    try { density = localStorage.getItem("density"); } catch { /* as above */ }
    if (density) root.dataset.density = density;
  };
  paint();
  media.addEventListener("change", paint);
})();
