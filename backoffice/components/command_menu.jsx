import { useContext, useEffect, useId, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { ColorModeContext } from "$/utils/context";
import { StatusBadge } from "./badge.jsx";
import { useFound } from "./command_search.jsx";
import { useLost } from "./connection.jsx";
import { BEGINNING, MEANT, best, isWhole } from "./fuzzy.jsx";
import { act, hasKeys, offered } from "./hotkeys.jsx";
import { Icon } from "./icon.jsx";
import { cap } from "./keys_sheet.jsx";
import { MOD, hasMod } from "./modifier.jsx";
import { DENSITIES, chooseDensity } from "./theme.jsx";
import { count as many, tr } from "./lang.jsx";

const RECENT = "menu-recent", MOST_RECENT = 3;
const recent = () => { try { return JSON.parse(sessionStorage.getItem(RECENT)) ?? []; } catch { return []; } };
/** Ids of places only: what somebody searched for is nobody's to find here. */
function remember(id) {
  try { sessionStorage.setItem(RECENT, JSON.stringify([id, ...recent().filter((other) => other !== id)].slice(0, 8))); } catch { /* then nothing is recent */ }
}
const openTo = (places, workspaces, role, permissions) => places.filter((place) =>
  (place.workspace === "account" || workspaces.some((one) => one.key === place.workspace)) &&
  place.permissions.every((one) => permissions.includes(one)) && (!place.roles.length || place.roles.includes(role)));

/** The menu's own places, pages and wishes as options: what it is, where it leads or what it does. */
function useOwn({ places, workspaces, role, permissions, opened, lost }) {
  const { rawColorMode, setColorMode } = useContext(ColorModeContext);
  return useMemo(() => {
    if (!opened) return { go: [], here: [], wishes: [] };
    // Without a connection only what the browser does by itself: anything else would wait, and leave later.
    const open = lost ? [] : openTo(places, workspaces, role, permissions);
    const areas = new Set(open.map((place) => place.area).filter(Boolean));
    const go = open.map((place) => ({ id: place.href, kind: "place", words: place.label, also: place.also, icon: place.icon, href: place.href, keys: place.keys, detail: areas.size > 1 ? place.area : "" }));
    const here = (lost ? [] : offered(opened.origin)).map((one) => ({ id: `do:${one.command}`, kind: "action", isExact: true, isGrave: one.isGrave, words: one.words, icon: "zap", keys: one.key, run: () => act(one) }));
    const density = document.documentElement.dataset.density ?? "";
    const wishes = [
      ["light", "Light theme", "sun"], ["dark", "Dark theme", "moon"], ["system", "Theme as the system", "monitor"],
    ].map(([mode, words, icon]) => ({ id: `theme:${mode}`, words, icon, also: "appearance colour mode", chosen: rawColorMode === mode, run: () => setColorMode(mode) }));
    for (const [name, words] of DENSITIES) wishes.push({ id: `rows:${name}`, words: tr("{size} rows", { size: words }), also: "density height table", icon: "table", chosen: density === name, run: () => chooseDensity(name) });
    if (hasKeys()) wishes.push({ id: "sheet", words: "Keyboard shortcuts", also: "keys help", icon: "keyboard", keys: "?", run: () => dispatchEvent(new CustomEvent("hotkeys-sheet")) });
    if (!lost) wishes.push({ id: "leave", isExact: true, isGrave: true, words: "Sign out", also: "log out leave", icon: "log-out", run: () => document.querySelector('form[action="/auth/logout"]')?.requestSubmit() });
    return { go, here, wishes: wishes.map((one) => ({ kind: "wish", ...one })) };
  }, [opened, places, workspaces.length, role, permissions.join(), rawColorMode, lost]);
}

/** Sections in the order in which they are read: what was meant by its name, what was found, what only resembles it. */
function sections({ go, here, wishes }, typed, found) {
  const lately = recent(), wanted = typed.trim();
  if (!wanted) {
    const last = lately.map((id) => go.find((place) => place.id === id)).filter((place) => place && place.href !== location.pathname.replace(/\/$/, "")).slice(0, MOST_RECENT);
    const rest = { name: "Go to", items: go.filter((place) => !last.includes(place)) }, actions = { name: "Actions on this page", items: here };
    const isSelected = document.querySelector(".bulk-bar") !== null;
    return [{ name: "Recent", items: last }, ...(isSelected ? [actions, rest] : [rest, actions]), { name: "Preferences", items: wishes }].filter((one) => one.items.length);
  }
  const own = [["Go to", go], ["Actions on this page", here], ["Preferences", wishes]]
    .map(([name, items], place) => ({ name, place, items: best(items, wanted, lately) }))
    .filter((one) => one.items.length)
    .sort((one, other) => other.items[0].points - one.items[0].points || one.place - other.place);
  const meant = own.map((one) => ({ ...one, items: one.items.filter((item) => item.points >= MEANT) })).filter((one) => one.items.length);
  const alike = own.flatMap((one) => one.items).filter((item) => item.points < MEANT).sort((one, other) => other.points - one.points);
  const everywhere = found.filter((one) => !one.found), hits = found.filter((one) => one.found);
  return [...meant, ...hits, ...(alike.length ? [{ name: "Alike", items: alike }] : []), ...everywhere];
}

/** What comes first of what answers the words that are typed now. */
function leading(items, isWaiting, isId) {
  // While an answer is under way, what is on screen answers other words, and what resembles them may come behind it.
  const isEarly = (item) => isWaiting && (item.found || item.points < BEGINNING || (isId && item.kind === "all"));
  return items.find((item) => !isEarly(item));
}

function Option({ item, id, isActive, onPick, onPoint }) {
  const inside = (
    <>
      <Icon name={item.icon} size={16} />
      <span className="option-words"><span className="truncate">{item.words}</span>{item.detail ? <small className="truncate">{item.detail}</small> : null}</span>
      {item.isTest ? <StatusBadge status="test" /> : null}
      {item.status ? <StatusBadge status={item.status} /> : null}
      {item.chosen ? <span className="option-chosen"><Icon name="check" size={15} /><span className="visually-hidden">, chosen</span></span> : null}
      {item.keys ? <span className="option-keys" aria-hidden="true">{item.keys.split(" ").map((key) => <kbd key={key}>{cap(key)}</kbd>)}</span> : null}
    </>
  );
  const shared = { id, role: "option", tabIndex: -1, className: "option", "aria-selected": isActive, "data-kind": item.kind, "data-id": item.id, "data-testid": "command-option", onMouseMove: onPoint };
  const pick = (event) => { if (item.href && (event.ctrlKey || event.metaKey || event.shiftKey)) return; event.preventDefault(); onPick(); };
  return item.href
    ? <a {...shared} href={item.href} onClick={pick}>{inside}</a>
    : <div {...shared} onClick={pick}>{inside}</div>;
}

/** What was being typed when another page took the place of the one below: the menu stays in front of that one, too. */
let carried = null;

/** Ctrl K anywhere: go to a place, act on this page, change how it looks, find what one may read. */
export function CommandMenu({ places = [], workspaces = [], role = "", permissions = [], answer, onLook, onForget, onSearch }) {
  const dialog = useRef(null), input = useRef(null), now = useRef(null);
  const [opened, setOpened] = useState(null);
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState("");
  const [mod, setMod] = useState("Ctrl");
  const base = useId(), navigate = useNavigate(), lost = useLost();
  const search = useFound({ typed, answer, onLook, onForget, onSearch, isOpen: opened !== null, lost });
  const own = useOwn({ places, workspaces, role, permissions, opened, lost });
  const shown = opened ? sections(own, typed, search.sections) : [];
  const items = shown.flatMap((one) => one.items);
  const first = leading(items, search.isWaiting, search.isId), picked = items.find((item) => item.id === chosen);
  // Enter decides nothing that was not meant: it is chosen by hand, or named in full.
  const isHeld = !picked && first?.isGrave && !isWhole(first.words, typed);
  const active = picked ?? (isHeld ? undefined : first);
  const place = items.indexOf(active);
  const said = isHeld && search.tone !== "amber" ? tr("Choose “{words}” with ↓, or type all of it.", first) : search.said;

  const open = (tries = 10) => {
    if (dialog.current.open) return;
    if (document.querySelector("dialog[open]")) { if (tries > 0) requestAnimationFrame(() => open(tries - 1)); return; }
    const origin = document.activeElement;
    setTyped(""); setChosen("");
    now.current = "";
    dialog.current.showModal();
    input.current.focus();
    setOpened({ origin });
  };
  const close = () => {
    now.current = null;
    dialog.current.close();
    if (dialog.current.contains(document.activeElement)) document.activeElement.blur(); // Nothing had the focus before.
    setOpened(null); setTyped("");
  };
  const pick = (item, isApart = false) => {
    if (!item) return;
    if (item.kind === "place") remember(item.id);
    if (isApart && item.href) { window.open(item.href, "_blank", "noopener"); return; }
    close();
    if (item.href) navigate(item.href); else item.run();
  };
  search.onFound.current = (item) => pick(item);

  useEffect(() => setMod(MOD()), []);
  useEffect(() => {
    const keys = (event) => {
      if (!hasMod(event) || event.shiftKey || event.key.toLowerCase() !== "k") return;
      event.preventDefault();
      if (event.repeat) return;
      if (dialog.current.open) close(); else open(0);
    };
    const asked = () => open();
    addEventListener("keydown", keys);
    addEventListener("command-menu", asked);
    if (carried !== null) { open(); now.current = carried; setTyped(carried); carried = null; }
    return () => { removeEventListener("keydown", keys); removeEventListener("command-menu", asked); carried = now.current; };
  }, []);
  useEffect(() => { if (opened && active) document.getElementById(`${base}-${place}`)?.scrollIntoView({ block: "nearest" }); }, [chosen, place, opened]);

  const press = (event) => {
    if (event.nativeEvent.isComposing || event.keyCode === 229 || (hasMod(event) && event.key.toLowerCase() === "k")) return;
    event.stopPropagation(); // No key of the page acts while the menu is in front.
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], edge = { Home: 0, End: items.length - 1 }[event.key];
    if (event.key === "Enter" && event.target === input.current) {
      event.preventDefault();
      if (event.repeat) return;
      if (active) pick(active, event.ctrlKey || event.metaKey); else search.openWhenFound();
    } else if (step && items.length) {
      event.preventDefault();
      setChosen(items[place < 0 ? (step > 0 ? 0 : items.length - 1) : (place + step + items.length) % items.length].id);
    } else if (edge !== undefined && items.length) {
      event.preventDefault();
      setChosen(items[edge].id);
    }
  };
  const type = (event) => { now.current = event.target.value; setTyped(event.target.value); setChosen(""); };
  const count = items.filter((item) => item.kind !== "all").length;
  return (
    <>
      <button type="button" className="topbar-search" aria-label="Search or jump" aria-haspopup="dialog" aria-keyshortcuts={mod === "⌘" ? "Meta+K" : "Control+K"} title={tr("Search or jump ({key} K)", { key: mod })} onClick={() => open()} data-testid="command-open">
        <Icon name="search" size={16} /><span>Search or jump</span><kbd aria-hidden="true">{mod} K</kbd>
      </button>
      <dialog ref={dialog} className="command-menu" aria-label="Search or jump" onCancel={(event) => { event.preventDefault(); close(); }} onClose={() => { if (opened && !dialog.current.open) close(); }} onMouseDown={(event) => { if (event.target === dialog.current) close(); }} onKeyDown={press} data-testid="command-menu">
        <div className="command-head">
          <Icon name="search" size={18} />
          <input ref={input} type="text" role="combobox" aria-label="Search or jump" aria-expanded="true" aria-controls={`${base}-list`} aria-autocomplete="list" aria-activedescendant={active ? `${base}-${place}` : undefined}
            placeholder="Search or jump to…" maxLength={200} autoComplete="off" autoCapitalize="off" spellCheck={false} value={typed} onChange={type} data-testid="command-input" />
          {search.isLooking ? <span className="spin command-busy" data-testid="command-busy"><Icon name="loader-circle" size={16} /></span> : null}
          <button type="button" className="button" data-tone="ghost" data-icon="only" aria-label="Close" title="Close (Esc)" onClick={close}><Icon name="x" /></button>
        </div>
        <div role="status">{said && opened ? <p className="command-said" data-tone={search.tone} data-testid="command-said">{search.tone === "amber" ? <Icon name="triangle-alert" size={15} /> : null}<span>{count === 0 || isHeld || search.tone === "amber" ? said : ""}</span>{search.retry ? <button type="button" className="button" data-size="sm" onClick={search.retry}>Try again</button> : null}</p> : null}</div>
        <div className="command-list" id={`${base}-list`} role="listbox" aria-label="Results" aria-busy={search.isWaiting} data-answered={search.answered}>
          {shown.map((section, at) => (
            <div key={section.name} role="group" aria-labelledby={`${base}-group-${at}`} data-stale={search.isWaiting && section.found ? "true" : undefined}>
              <div className="command-group" id={`${base}-group-${at}`} role="presentation">{section.name}{section.count ? <span className="muted"> {section.count}</span> : null}</div>
              {section.items.map((item) => {
                const here = items.indexOf(item);
                return <Option key={item.id} item={item} id={`${base}-${here}`} isActive={item === active} onPick={() => pick(item)} onPoint={() => { if (item !== active && !item.isGrave) setChosen(item.id); }} />;
              })}
            </div>
          ))}
        </div>
        <div className="command-foot" aria-hidden="true"><span><kbd>↑</kbd><kbd>↓</kbd> choose</span><span><kbd>Enter</kbd> open</span><span><kbd>{mod}</kbd><kbd>Enter</kbd> new tab</span><span><kbd>Esc</kbd> close</span></div>
        <div role="status" className="visually-hidden" data-testid="command-count">{opened && !search.isWaiting ? (many(count, "{count} result", "{count} results")) : ""}</div>
      </dialog>
    </>
  );
}
