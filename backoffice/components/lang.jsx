// Texts stand here in English; the build puts every other language in their place (i18n/pages.py).

/** Fills values by name into a text. */
export const tr = (text, values = {}) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** The language of the page, with the region of the browser where both agree: fr-CA writes other dates than fr. */
export const locale = () => {
  const language = document.documentElement.lang || "en";
  return language === "en" || navigator.language.split("-")[0] === language ? navigator.language : language;
};

/** Says how many, in the plural of the page's language. */
export const count = (number, one, many) =>
  tr(new Intl.PluralRules(document.documentElement.lang || "en").select(number) === "one" ? one : many, { count: number.toLocaleString(locale()) });

/** The language that was chosen since, in another tab: what comes by the new connection is in that one. */
export const chosenLanguage = () => {
  const chosen = /(?:^|; )language=([\w-]+)/.exec(document.cookie)?.[1];
  const offered = [...document.querySelectorAll("[data-testid=language-switch] button")].map((one) => one.value);
  return offered.includes(chosen) ? chosen : document.documentElement.lang;
};
