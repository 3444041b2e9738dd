// The documentation's hands: search, copy, languages that change together, links that keep their place, the key.
// The page is whole without it. The plain page starts it itself; the partner's page calls start() and fill().

const PLACEHOLDER = "kyc_test_…";
const LANGUAGE = "docs-language";
const MOST = 24;

const kept = {
  read() { try { return localStorage.getItem(LANGUAGE); } catch { return null; } },
  write(language) { try { localStorage.setItem(LANGUAGE, language); } catch { /* for this page only, then */ } },
};

/** Bring a root to life; the answer stops it again. */
export function start(root) {
  const stop = new AbortController();
  const on = (target, type, act) => target.addEventListener(type, act, { signal: stop.signal });
  languages(root, on);
  copying(root, on);
  places(root, on);
  searching(root, on);
  const watching = following(root);
  return () => { stop.abort(); watching?.disconnect(); };
}

/** Put a key into every snippet, or take it out again. */
export function fill(root, key) {
  for (const place of root.querySelectorAll(".docs-key")) {
    place.textContent = key || PLACEHOLDER;
    place.toggleAttribute("data-filled", Boolean(key));
  }
}

function languages(root, on) {
  const choose = (language) => {
    for (const one of root.querySelectorAll(`.docs-tabs input[value="${CSS.escape(language)}"]`)) one.checked = true;
  };
  const before = kept.read();
  if (before) choose(before);
  on(root, "change", (event) => {
    const one = event.target;
    if (!one.matches?.(".docs-tabs input")) return;
    const top = one.getBoundingClientRect().top;
    choose(one.value);
    kept.write(one.value);
    // Boxes above have another height in another language: what the reader looks at stays where it is.
    scroller(root).scrollBy({ top: one.getBoundingClientRect().top - top, behavior: "instant" });
  });
}

function copying(root, on) {
  for (const button of root.querySelectorAll(".docs-copy")) button.hidden = false;
  on(root, "click", async (event) => {
    const button = event.target.closest?.(".docs-copy");
    if (!button) return;
    const code = [...button.closest(".docs-code").querySelectorAll("pre")].find((one) => one.offsetParent !== null);
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      getSelection().selectAllChildren(code);
      return;
    }
    button.textContent = "Copied";
    button.toggleAttribute("data-copied", true);
    setTimeout(() => { button.textContent = "Copy"; button.toggleAttribute("data-copied", false); }, 1600);
  });
}

function scroller(root) {
  for (let one = root.parentElement; one; one = one.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(one).overflowY) && one.scrollHeight > one.clientHeight) return one;
  }
  return window;
}

function places(root, on) {
  const go = (hash) => {
    const target = hash.length > 1 ? root.querySelector(`[id="${CSS.escape(decodeURIComponent(hash.slice(1)))}"]`) : null;
    if (!target) return false;
    for (let one = target; one; one = one.parentElement?.closest("details")) if (one.matches("details")) one.open = true;
    const own = target.querySelector(":scope > details");
    if (own) own.open = true;
    for (const one of root.querySelectorAll("[data-here]")) one.removeAttribute("data-here");
    target.toggleAttribute("data-here", true);
    target.scrollIntoView({ block: "start" });
    if (!target.hasAttribute("tabindex")) target.tabIndex = -1;
    target.focus({ preventScroll: true });
    return true;
  };
  on(root, "click", (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const hash = link.getAttribute("href");
    if (!go(hash)) return;
    event.preventDefault();
    if (hash !== location.hash) history.pushState(history.state, "", hash);
  });
  on(window, "popstate", () => go(location.hash));
  on(window, "hashchange", () => go(location.hash));
  const menu = root.querySelector(".docs-places");
  if (menu && matchMedia("(max-width: 899.98px)").matches) menu.open = false;
  if (location.hash) requestAnimationFrame(() => go(location.hash));
}

/** Mark the place in the navigation that the reader has reached. */
function following(root) {
  if (!("IntersectionObserver" in window)) return null;
  const links = new Map([...root.querySelectorAll(".docs-places a")].map((link) => [link.getAttribute("href").slice(1), link]));
  let current = null;
  const watching = new IntersectionObserver((entries) => {
    const seen = entries.filter((one) => one.isIntersecting).map((one) => links.get(one.target.id)).filter(Boolean);
    if (!seen.length || seen[0] === current) return;
    current?.removeAttribute("aria-current");
    current = seen[0];
    current.setAttribute("aria-current", "true");
    const nav = root.querySelector(".docs-nav");
    if (nav.scrollHeight > nav.clientHeight) nav.scrollTo({ top: current.offsetTop - nav.clientHeight / 2 });
  }, { rootMargin: "-12% 0px -80% 0px" });
  for (const id of links.keys()) {
    const place = root.querySelector(`[id="${CSS.escape(id)}"]`);
    if (place) watching.observe(place);
  }
  return watching;
}

function searching(root, on) {
  const field = root.querySelector("#docs-search");
  const list = root.querySelector(".docs-results");
  const found = root.querySelector(".docs-found");
  const menu = root.querySelector(".docs-places");
  if (!field) return;
  root.querySelector(".docs-find").hidden = false;
  let index = null;
  const show = () => {
    index ??= indexed(root);
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = words.length ? ranked(index, words) : [];
    list.replaceChildren(...hits.slice(0, MOST).map(result));
    list.hidden = !hits.length;
    menu.hidden = words.length > 0;
    found.textContent = words.length ? (hits.length ? `${hits.length} found` : "Nothing found") : "";
    found.classList.toggle("visually-hidden", !words.length);
  };
  const leave = () => { field.value = ""; show(); };
  on(field, "input", show);
  on(field, "keydown", (event) => {
    if (event.key === "Escape" && field.value) { event.preventDefault(); leave(); }
    if (event.key === "Enter") list.querySelector("a")?.click();
    if (event.key === "ArrowDown") { event.preventDefault(); list.querySelector("a")?.focus(); }
  });
  on(list, "keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") { leave(); field.focus(); }
    if (!step) return;
    event.preventDefault();
    const links = [...list.querySelectorAll("a")];
    (links[links.indexOf(document.activeElement) + step] ?? field).focus();
  });
}

function indexed(root) {
  return [...root.querySelectorAll("[data-find]")].filter((one) => one.id).map((element) => {
    const title = element.dataset.find;
    const names = [...element.querySelectorAll(".docs-name")].map((one) => one.textContent.toLowerCase());
    return {
      id: element.id,
      title,
      kind: element.dataset.kind ?? "Section",
      path: element.dataset.path ?? "",
      names: new Set(names),
      head: `${title} ${element.dataset.path ?? ""} ${element.id}`.toLowerCase(),
      text: textOf(element).toLowerCase(),
    };
  });
}

/** A heading stands for what follows it, up to the next heading. */
function textOf(element) {
  if (!/^H\d$/.test(element.tagName)) return element.textContent;
  let text = element.textContent;
  for (let next = element.nextElementSibling; next && !/^H\d$/.test(next.tagName); next = next.nextElementSibling) text += ` ${next.textContent}`;
  return text;
}

function ranked(index, words) {
  const points = (one) => {
    let total = 0;
    for (const word of words) {
      const title = one.title.toLowerCase();
      if (title === word) total += 200;
      else if (title.startsWith(word)) total += 100;
      else if (one.head.includes(word)) total += 60;
      else if (one.names.has(word)) total += 40;
      else if (one.text.includes(word)) total += 10;
      else return 0;
    }
    return total;
  };
  return index.map((one) => ({ one, points: points(one) })).filter((hit) => hit.points)
    .sort((a, b) => b.points - a.points).map((hit) => hit.one);
}

function result(one) {
  const row = document.createElement("li");
  const link = document.createElement("a");
  const kind = document.createElement("span");
  const title = document.createElement("span");
  link.href = `#${one.id}`;
  kind.className = "docs-hit";
  kind.textContent = one.kind;
  title.textContent = one.title;
  link.append(kind, title);
  if (one.path) {
    const path = document.createElement("small");
    path.textContent = one.path;
    link.append(path);
  }
  row.append(link);
  return row;
}

const plain = document.querySelector("body.docs-plain .docs");
if (plain) start(plain);
