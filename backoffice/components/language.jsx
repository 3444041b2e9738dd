import { useEffect, useState } from "react";

/** Posts the language that a person chose; the page comes back in it. */
export function LanguageSwitch({ languages = [] }) {
  const [here, setHere] = useState({ language: "", next: "/account" });
  useEffect(() => setHere({ language: document.documentElement.lang, next: location.pathname + location.search }), []);
  return (
    <form method="post" action="/auth/language" data-testid="language-switch" onSubmit={(event) => event.stopPropagation()}>
      <input type="hidden" name="next" value={here.next} />
      <div className="segment" role="group" aria-label="Language">{languages.map(([code, name]) => (
        <button key={code} type="submit" name="language" value={code} lang={code} translate="no" aria-pressed={here.language === code} onClick={(event) => { event.currentTarget.form.next.value = location.pathname + location.search; }}>{name}</button>
      ))}</div>
    </form>
  );
}
