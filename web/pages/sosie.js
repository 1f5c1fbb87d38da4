/* Comfort only: every page works without this file. */
"use strict";

/* A form sent twice by impatience would meet its own first copy: the second press is swallowed. */
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    const button = form.querySelector("button");
    if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
    button.setAttribute("aria-disabled", "true");
  });
}

/* Coming back by the browser's own button brings the form back to life. */
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("form[data-once] button")) button.removeAttribute("aria-disabled");
});

/* Control or Command and Enter in a text sends its form. */
addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest && event.target.closest("form[data-once]");
  if (form) form.requestSubmit();
});

/* A click anywhere on a row of a list follows its link; selecting text does not. */
for (const row of document.querySelectorAll("table.list tbody tr")) {
  const link = row.querySelector("th a");
  if (!link) continue;
  row.style.cursor = "pointer";
  row.addEventListener("click", (event) => {
    if (event.target.closest("a, button, summary") || String(getSelection())) return;
    link.click();
  });
}

/* A summary of errors takes the focus, so that it is read at once. */
const summary = document.getElementById("review-summary");
if (summary) summary.focus();
