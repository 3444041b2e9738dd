/** How well words answer what is typed: whole beginnings before words, words before parts, parts before letters in order. */

const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function inOrder(text, letters) {
  let at = -1, gaps = 0;
  for (const letter of letters) {
    const next = text.indexOf(letter, at + 1);
    if (next < 0) return 0;
    if (at >= 0) gaps += next - at - 1;
    at = next;
  }
  return gaps <= letters.length * 2 ? 20 - Math.min(gaps, 15) : 0;
}

/** 0 is no match; `also` are other names of the same thing, which count a little less. */
export function score(label, typed, also = "") {
  const wanted = fold(typed.trim());
  if (!wanted) return 1;
  const text = fold(label);
  if (text === wanted) return 120;
  if (text.startsWith(wanted)) return 100;
  const words = text.split(/[^\p{L}\p{N}]+/u), others = fold(also).split(/\s+/).filter(Boolean);
  const parts = wanted.split(/\s+/);
  const begins = (list) => parts.every((part) => list.some((word) => word.startsWith(part)));
  if (begins(words)) return 80;
  if (begins([...words, ...others])) return 60;
  if (text.includes(wanted)) return 50;
  const initials = words.map((word) => word[0] ?? "").join("");
  if (wanted.length > 1 && initials.startsWith(wanted)) return 40;
  return wanted.length > 2 && wanted.length < 12 ? inOrder(text, wanted.replace(/\s+/g, "")) : 0;
}

/** At least this much is the beginning of a word; less is somewhere inside, or letters in order. */
export const BEGINNING = 60;
/** At least this much is what was meant, whatever else is found. */
export const MEANT = 80;

/** Whether the whole name was typed; what follows a comma or stands in brackets need not be. */
export function isWhole(label, typed) {
  const wanted = fold(typed.trim()), text = fold(label);
  return wanted !== "" && (wanted === text || wanted === text.split(/[,(…]/)[0].trim());
}

/** The items that match, the best first; what was chosen lately goes before its equals. `isExact` ones match by beginnings only. */
export function best(items, typed, recent = []) {
  const rank = (item) => { const place = recent.indexOf(item.id); return place < 0 ? 0 : 9 - Math.min(place, 8); };
  return items
    .map((item, place) => ({ item, place, points: score(item.words, typed, item.also) }))
    .filter(({ item, points }) => points >= (item.isExact ? BEGINNING : 1))
    .map((one) => ({ ...one, points: one.points + (typed.trim() ? rank(one.item) : 0) }))
    .sort((one, other) => other.points - one.points || one.place - other.place)
    .map(({ item, points }) => ({ ...item, points }));
}
