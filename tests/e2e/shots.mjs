/*
 * Pictures of the pages, for eyes: SOSIE_URL=... node tests/e2e/shots.mjs FOLDER
 * Light, dark, narrow, English and print, of the pages that a running server has something to show on. SHOT_TASK=N: of that task
 * too.
 */
import { mkdirSync } from "node:fs";

import { api, base, launch, openTasks } from "./browser.mjs";

const folder = process.argv[2] ?? "var/shots";
mkdirSync(folder, { recursive: true });

const kinds = ["possible-match", "duplicate", "collision", "ins-conflict", "trait-divergence", "merge-conflict", "homonym"];
const pages = [["queues", "/"]];
for (const kind of kinds) {
  const [task] = await openTasks(kind);
  if (task) pages.push([kind, `/taches/${task.id}`]);
}
const [task] = await openTasks("possible-match");
if (task) pages.push(["person", `/personnes/${(await api(`/api/tasks/${task.id}`)).body.person_a}`]);
/* A person of whom something was decided. */
for (let id = 1; id < 200; id++) {
  const answer = await fetch(`${base}/personnes/${id}`);
  if (!(await answer.text()).includes('class="undo"')) continue;
  pages.push(["person-decided", `/personnes/${id}`]);
  break;
}
pages.push(["find-person", "/personnes"], ["dead-letters", "/messages"], ["peers", "/correspondants"]);
const [letter] = (await api("/api/messages")).body.messages;
if (letter) pages.push(["message", `/messages/${letter.id}`]);

pages.push(["empty-queue", "/?kind=identity-theft&state=waiting"], ["not-found", "/nulle-part"]);
pages.push(["lookup", "/messages?control_id=no-such-message"]);

if (process.env.SHOT_TASK) pages.push(["task", `/taches/${process.env.SHOT_TASK}`]);
const looks = [
  ["light", { colorScheme: "light" }],
  ["dark", { colorScheme: "dark" }],
  ["narrow", { viewport: { width: 480, height: 900 } }],
  ["english", { query: "lang=en" }],
];

const browser = await launch();
let count = 0;
for (const [look, { query, ...options }] of looks) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "fr-FR", ...options });
  const page = await context.newPage();
  for (const [name, path] of pages) {
    await page.goto(base + path + (query ? (path.includes("?") ? "&" : "?") + query : ""));
    for (const details of await page.locator("details.undo > summary").all()) await details.click();
    await page.screenshot({ path: `${folder}/${name}-${look}.png`, fullPage: true });
    count++;
  }
  await context.close();
}
if (task) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${base}/taches/${task.id}`);
  await page.getByRole("button", { name: "Enregistrer la décision" }).click();
  await page.screenshot({ path: `${folder}/refused.png`, fullPage: true });
  await page.goto(`${base}/taches/${task.id}`);
  await page.pdf({ path: `${folder}/task-print.pdf`, format: "A4" });
  count++;
}
await browser.close();
console.log(`${count} pictures in ${folder}`);
