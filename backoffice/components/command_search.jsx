import { useEffect, useRef, useState } from "react";
import { tr } from "./lang.jsx";

const PAUSE_MS = 150, SLOW_MS = 200, LATE_MS = 6000, LEAST = 2;
/** Nobody's secret goes to a search, nor into an address. */
const SECRET = /(kyc_(live|test)_|whsec_)/i;
const ID = /^[a-z]{3}_[0-9a-z]{20,}$/;

/** Numbers of questions never come again, also not after a reload: the server may still hold an older answer. */
let last = 0;
const nextNumber = () => { last = Math.max(last + 1, Date.now()); return last; };

/** Only an id comes into an address: names and numbers of people go to the page of results by the socket. */
const everything = (typed, onSearch) => {
  const mode = new URLSearchParams(location.search).get("mode") === "test" ? "&mode=test" : "";
  const lead = ID.test(typed) ? { href: `/search?q=${typed}${mode}` } : { run: () => onSearch?.(typed) };
  return { id: "all", kind: "all", words: tr("Search everything for “{typed}”", { typed }), icon: "search", ...lead };
};

/** The answer to the latest question, also where an earlier one comes behind it; 0 is the server's word that it has forgotten. */
function useNewest(answer) {
  const kept = useRef(null);
  if (!answer?.number || answer.number >= (kept.current?.number ?? 0)) kept.current = answer;
  return kept.current;
}

/** Asks the server once per pause while somebody types; the last answer wins, an earlier one that comes late is dropped. */
export function useFound({ typed, answer: came, onLook, onForget, onSearch, isOpen, lost }) {
  const wanted = typed.trim(), answer = useNewest(came);
  const number = useRef(0), since = useRef(0), eager = useRef(false), call = useRef({}), onFound = useRef(null);
  call.current = { onLook, onForget, onSearch };
  const wasOpen = useRef(false);
  const [state, setState] = useState("idle");
  const [isSlow, setSlow] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const isSecret = SECRET.test(wanted), isAsked = isOpen && wanted.length >= LEAST && !isSecret && !lost;
  useEffect(() => {
    eager.current = false;
    const mine = number.current = nextNumber();
    if (!isAsked) { setState("idle"); return; }
    setState("waiting");
    const ask = setTimeout(() => call.current.onLook?.(wanted, mine), PAUSE_MS);
    const late = setTimeout(() => setState((now) => (now === "waiting" ? "late" : now)), PAUSE_MS + LATE_MS);
    return () => { clearTimeout(ask); clearTimeout(late); };
  }, [wanted, isAsked, attempt]);
  useEffect(() => { if (isAsked && answer?.number === number.current) setState("there"); }, [answer?.number]);
  useEffect(() => {
    setSlow(false);
    if (state !== "waiting") return;
    const slow = setTimeout(() => setSlow(true), PAUSE_MS + SLOW_MS);
    return () => clearTimeout(slow);
  }, [state, wanted]);
  useEffect(() => {
    if (isOpen) since.current = number.current;
    else if (wasOpen.current) call.current.onForget?.(number.current = nextNumber()); // Also when no answer has come: it may be under way.
    wasOpen.current = isOpen;
  }, [isOpen]);

  const groups = isAsked && state !== "late" && answer?.number > since.current ? answer.groups : [];
  const sections = groups.map((group) => ({
    name: group.label, count: group.count, found: true,
    items: group.hits.map((hit) => ({ id: `${group.kind}:${hit.id}`, kind: group.kind, found: true, words: hit.title, detail: hit.detail, icon: group.icon, href: hit.href, status: hit.status, isTest: hit.is_test })),
  }));
  useEffect(() => {
    if (state !== "there" || !eager.current) return;
    eager.current = false;
    const hits = sections.flatMap((one) => one.items).filter((item) => item.found);
    if (hits.length === 1) onFound.current?.(hits[0]);
  }, [state]);
  if (isAsked) sections.push({ name: "Everywhere", items: [everything(wanted, call.current.onSearch)] });
  const said = lost ? "You are offline: nothing can be opened, done or looked for until the connection is back."
    : isSecret ? "This looks like a secret, so it was not sent. Search for the name of the key instead."
    : state === "late" ? "The search does not answer."
    : state === "there" && !groups.length ? tr("Nothing matches “{wanted}”.", { wanted }) : wanted ? (isAsked ? "" : "Nothing on this page. Type one more letter to search everything.") : "";
  return {
    sections, onFound, said,
    tone: lost || isSecret || state === "late" ? "amber" : "",
    isId: ID.test(wanted),
    answered: state === "there" ? wanted : undefined,
    isWaiting: state === "waiting",
    isLooking: state === "waiting" && isSlow,
    retry: state === "late" ? () => setAttempt((count) => count + 1) : null,
    /** Enter before the answer: an id that was pasted opens as soon as it is found, anything else waits for eyes. */
    openWhenFound: () => { eager.current = ID.test(wanted); },
  };
}
