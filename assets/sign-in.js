// Comfort only; every page works without it.
(() => {
  const button = document.querySelector("[data-peek]");
  const secret = button && document.getElementById(button.dataset.peek);
  if (button && secret) {
    const show = button.textContent;
    button.hidden = false;
    button.addEventListener("click", () => {
      const shown = secret.type === "text";
      secret.type = shown ? "password" : "text";
      button.textContent = shown ? show : button.dataset.hide;
      button.setAttribute("aria-pressed", String(!shown));
    });
  }
  document.querySelectorAll("[data-code]").forEach((code) => code.addEventListener("input", () => {
    const digits = code.value.replace(/\D/g, "").slice(0, 6);
    if (digits !== code.value) code.value = digits;
  }));
  const copy = document.querySelector("[data-copy]");
  if (copy && navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener("click", () => navigator.clipboard.writeText(copy.dataset.copy).then(() => { copy.textContent += " ✓"; }));
  }
  const print = document.querySelector("[data-print]");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
  document.querySelectorAll("form:not([data-passkey])").forEach((form) => form.addEventListener("submit", (event) => {
    const submit = form.querySelector("[type=submit]");
    if (submit.getAttribute("aria-disabled") === "true") { event.preventDefault(); return; }
    submit.setAttribute("aria-disabled", "true");
    submit.textContent = document.body.dataset.busy;
  }));
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  document.getElementById("problem")?.focus();
})();
