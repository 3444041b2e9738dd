// Says whether the focus is where it never was since `window.stops` was emptied, has been, or still is.
() => {
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return "page";
  const at = window.stops.indexOf(one);
  if (at < 0) window.stops.push(one);
  return at < 0 ? "new" : at === window.stops.length - 1 ? "stuck" : "seen";
}
