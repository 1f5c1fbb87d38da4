/*
 * The cell's pages in a real browser, against a running server that has possible matches to decide, and the records of pages.sh:
 *
 *     SOSIE_URL=http://127.0.0.1:8080 node --test tests/e2e/pages.mjs
 *
 * Every page is looked at for accessibility (axe-core, WCAG 2.1 A and AA), for messages in the console and for requests to
 * other hosts.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { api, base, launch, openTasks } from "./browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let browser;

before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

/* A page that remembers what it complained about. */
async function open(path, options = {}) {
  const context = await browser.newContext({ locale: "fr-FR", bypassCSP: options.bypassCSP ?? false, ...options.context });
  const page = await context.newPage();
  page.complaints = [];
  page.on("console", (message) => {
    const answered = /status of 4\d\d/.test(message.text()); /* a refusal that a test asked for */
    if (["error", "warning"].includes(message.type()) && !answered) page.complaints.push(message.text());
  });
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith("data:")) page.complaints.push(`request to ${request.url()}`);
  });
  await page.goto(base + path);
  return page;
}

async function close(page) {
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}

async function decide(page, outcome, author, reason) {
  if (outcome) await page.locator(`input[name=outcome][value=${outcome}]`).check();
  await page.getByLabel("Votre nom").fill(author);
  await page.getByLabel("Motif").fill(reason);
  await page.getByRole("button", { name: "Enregistrer la décision" }).click();
}

async function state(id) {
  return (await api(`/api/tasks/${id}`)).body;
}

/* Not the same twice: each test takes a task of its own, in which the outcome that it needs would be taken. */
const taken = new Set();
async function takeTask(kind = "possible-match", outcome = "comment") {
  for (const task of await openTasks(kind)) {
    if (taken.has(task.id) || task.local_id.startsWith("PAGES-") || outcome in (await state(task.id)).refused) continue;
    taken.add(task.id);
    return task;
  }
  assert.fail(`the server has no open ${kind} left`);
}

/* The one about two records that pages.sh sent. */
async function ownTask(...ids) {
  const task = (await openTasks("possible-match")).find((one) => ids.includes(one.local_id) && ids.includes(one.other_local_id));
  assert.ok(task, `there is no possible match of ${ids}`);
  return task;
}

test("the queue lists the tasks, most urgent first, with their counts", async () => {
  const { body } = await api("/api/tasks?most=50");
  const page = await open("/");
  assert.equal(await page.locator("html").getAttribute("lang"), "fr");
  const links = await page.locator("table.list tbody th a").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  assert.deepEqual(links, body.tasks.map((task) => `/taches/${task.id}`));
  const counted = await page.locator("nav.queues li:first-child .number").innerText();
  const counts = (await api("/api/counts")).body.tasks.reduce((sum, row) => sum + row.open, 0);
  assert.equal(Number(counted.replace(/\D/g, "")), counts);
  await close(page);
});

test("filters by queue and domain narrow the list", async () => {
  const page = await open("/");
  await page.getByRole("link", { name: /Rapprochement possible/ }).first().click();
  await page.waitForURL(/kind=possible-match/);
  assert.equal(await page.locator("h1").innerText(), "Rapprochement possible");
  const task = (await openTasks("possible-match"))[0];
  await page.getByLabel("Domaine").selectOption({ label: task.domain });
  await page.getByRole("button", { name: "Filtrer" }).click();
  await page.waitForURL(/domain=\d/);
  const rows = await page.locator("table.list tbody tr").count();
  const own = await page.locator("table.list tbody tr", { has: page.locator(".domain", { hasText: task.domain }) }).count();
  assert.ok(rows > 0);
  assert.equal(own, rows);
  await close(page);
});

test("a task shows the pair side by side with the reasons", async () => {
  const task = (await openTasks("possible-match"))[0];
  const detail = await state(task.id);
  const page = await open(`/taches/${task.id}`);
  const pair = page.locator("table.pair");
  for (const side of detail.sides) {
    assert.ok(await pair.getByText(side.local_id).count(), "the local identifier is shown");
    if (side.family) assert.match(await pair.innerText(), new RegExp(side.family.replace(/[^\w ]/g, ".")));
  }
  const verdicts = await pair.locator("tbody tr:not(.group) td.verdict").allInnerTexts();
  assert.ok(verdicts.some((text) => text.trim() !== ""), "differences are said in words");
  const reasons = page.locator("table.reasons");
  assert.equal(await reasons.locator("tbody tr").count(), detail.task.evidence.fields.length);
  const weights = detail.task.evidence.fields.filter((one) => one.m > 0 || one.u > 0 || one.weight_bits !== 0);
  assert.equal(await reasons.locator("svg.bar").count(), weights.length);
  assert.match(await reasons.locator("tfoot").innerText(), /bits/);
  assert.match(await reasons.locator("tfoot").innerText(), /\d\s*%/);
  await close(page);
});

test("link, then undo", async () => {
  const task = await takeTask("possible-match", "link");
  const page = await open(`/taches/${task.id}`);
  await decide(page, "link", "A. Martin", "Pièce d'identité vue aux deux guichets");
  await page.waitForURL(/done=link/);
  assert.match(await page.getByRole("status").innerText(), /liés, même personne/);
  let now = await state(task.id);
  assert.equal(now.task.state, "resolved");
  assert.equal(now.person_a, now.person_b);
  assert.match(await page.locator("table.history").innerText(), /A\. Martin[\s\S]*Pièce d'identité/);
  assert.equal(await page.getByLabel("Votre nom").inputValue(), "A. Martin", "the author is remembered");
  await decide(page, "undo", "A. Martin", "Erreur de ligne");
  await page.waitForURL(/done=undo/);
  now = await state(task.id);
  assert.notEqual(now.task.state, "resolved");
  assert.notEqual(now.person_a, now.person_b);
  await close(page);
});

test("not the same person", async () => {
  const task = await takeTask();
  const page = await open(`/taches/${task.id}`);
  await decide(page, "different", "B. Le Gall", "Deux sœurs, confirmé par l'établissement");
  await page.waitForURL(/done=different/);
  const now = await state(task.id);
  assert.equal(now.task.state, "resolved");
  assert.equal(now.task.outcome, "different");
  assert.notEqual(now.person_a, now.person_b);
  const list = await open("/");
  assert.equal(await list.locator(`table.list a[href="/taches/${task.id}"]`).count(), 0, "it left the queue");
  await close(list);
  await close(page);
});

test("the list filters by queue, domain and state together", async () => {
  const page = await open("/");
  const shown = async (kind, domain, state) => {
    await page.getByLabel("File", { exact: true }).selectOption(kind);
    await page.getByLabel("Domaine").selectOption(domain);
    await page.getByLabel("État").selectOption({ label: state });
    await page.getByRole("button", { name: "Filtrer" }).click();
    return page.locator("table.list tbody th a").evaluateAll((all) => all.map((a) => Number(a.href.split("/").pop())));
  };
  const wanted = async (query) => (await api(`/api/tasks?most=50&${query}`)).body.tasks.map((task) => task.id);
  const closed = await shown("possible-match", "", "Closes");
  assert.ok(closed.length > 0, "an earlier test decided one");
  assert.deepEqual(closed, await wanted("kind=possible-match&state=resolved"));
  assert.equal(await page.locator(".state.resolved").count(), closed.length);
  assert.equal(await page.getByLabel("État").inputValue(), "resolved", "the form keeps what was chosen");
  const fresh = await shown("", "", "Nouvelles");
  assert.deepEqual(fresh, await wanted("state=new"));
  assert.equal(fresh.filter((id) => closed.includes(id)).length, 0);
  await close(page);
});

test("a missing reason is said at its field, and nothing is lost or done", async () => {
  const task = await takeTask();
  const page = await open(`/taches/${task.id}`);
  await decide(page, "link", "C. Durand", "");
  const summary = page.locator("#review-summary");
  assert.match(await summary.innerText(), /Écrivez le motif/);
  assert.equal(await page.evaluate(() => document.activeElement.id), "review-summary", "the summary is read first");
  const reason = page.getByLabel("Motif");
  assert.equal(await reason.getAttribute("aria-invalid"), "true");
  const described = (await reason.getAttribute("aria-describedby")).split(" ");
  assert.ok(described.includes("reason-error"));
  assert.match(await page.locator("#reason-error").innerText(), /Écrivez le motif/);
  assert.equal(await page.getByLabel("Votre nom").inputValue(), "C. Durand");
  assert.ok(await page.locator("input[value=link]").isChecked());
  await summary.getByRole("link").click();
  assert.equal(await page.evaluate(() => document.activeElement.id), "reason");
  assert.equal((await state(task.id)).task.state, task.state);
  await close(page);
});

test("a decision over someone else's is stopped", async () => {
  const task = await takeTask();
  const page = await open(`/taches/${task.id}`);
  await api(`/api/tasks/${task.id}/review`, { outcome: "comment", author: "D. Roux", reason: "J'ai appelé le CHU" });
  await decide(page, "different", "E. Petit", "Dates incompatibles");
  assert.match(await page.locator("#review-summary").innerText(), /Quelqu’un a agi/);
  assert.match(await page.locator("table.history").innerText(), /J'ai appelé le CHU/);
  assert.notEqual((await state(task.id)).task.state, "resolved");
  await close(page);
});

test("everything by the keyboard alone, without scripts", async () => {
  const task = await takeTask();
  const page = await open("/", { context: { javaScriptEnabled: false } });
  await page.keyboard.press("Tab");
  assert.equal(await page.locator(":focus").innerText(), "Aller au contenu");
  await page.keyboard.press("Enter");
  await page.goto(`${base}/taches/${task.id}`);
  const focused = () => page.locator(":focus");
  const tabTo = async (selector) => {
    for (let i = 0; i < 80; i++) {
      await page.keyboard.press("Tab");
      if (await focused().evaluate((element, wanted) => element.matches(wanted), selector)) return;
    }
    assert.fail(`no way by Tab to ${selector}`);
  };
  await tabTo("input[name=outcome]");
  while ((await focused().getAttribute("value")) !== "different") await page.keyboard.press("ArrowDown");
  await tabTo("#author");
  assert.notEqual(await focused().evaluate((element) => getComputedStyle(element).outlineStyle), "none", "the focus is visible");
  await page.keyboard.type("F. Clavier");
  await tabTo("#reason");
  await page.keyboard.type("Au clavier seulement");
  await tabTo("button.primary");
  await page.keyboard.press("Enter");
  await page.waitForURL(/done=different/);
  assert.equal((await state(task.id)).task.outcome, "different");
  await close(page);
});

test("English by choice, kept from page to page", async () => {
  const page = await open("/");
  await page.getByRole("link", { name: "English" }).click();
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  await page.locator("table.list tbody th a").first().click();
  await page.waitForURL(/\/tasks\/\d+/);
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  assert.equal(await page.getByRole("button", { name: "Record the decision" }).count(), 1);
  await close(page);
});

test("a person shows its golden traits and where each comes from", async () => {
  const task = (await openTasks("possible-match"))[0];
  const detail = await state(task.id);
  const page = await open(`/personnes/${detail.person_a}`);
  assert.match(await page.locator("table.pair").innerText(), new RegExp(detail.sides[0].local_id));
  assert.equal(await page.locator("h2").allInnerTexts().then((all) => all.length), 4);
  const shown = (await page.content()).replace(/<span class="mono whole">.*?<\/span>|name="token" value="[0-9a-f]+"/gs, "");
  assert.doesNotMatch(shown, /[12]\d{12,14}/, "no whole insurance number before it is asked for");
  await close(page);
});

/* The task's two records are linked; gives the page of their person, and there what was decided. */
async function linkedPerson(task, reason) {
  await api(`/api/tasks/${task.id}/review`, { outcome: "link", author: "A. Martin", reason });
  const linked = await state(task.id);
  assert.equal(linked.person_a, linked.person_b);
  const page = await open(`/personnes/${linked.person_a}`);
  // a record that the link leaves no place for is parted for the same reason
  const decision = page.locator("ol.decisions > li", { hasText: reason }).filter({ hasText: "liés, même personne" });
  assert.match(await decision.innerText(), /liés, même personne[\s\S]*En vigueur/);
  return { page, decision, person: linked.person_a };
}

async function takeBack(page, decision, author) {
  await decision.getByText("Annuler cette décision").click();
  await decision.getByLabel("Votre nom").fill(author);
  await decision.getByLabel("Motif").fill("Mauvaise fiche");
  await decision.getByRole("button", { name: "Annuler la décision" }).click();
  await page.waitForURL(/done=undo/);
  assert.match(await page.getByRole("status").innerText(), /l’état d’avant est revenu/);
}

test("a decision is taken back on the page of its person", async () => {
  const task = await ownTask("PAGES-1", "PAGES-2");
  const { page, decision, person } = await linkedPerson(task, "Deux fiches vues côte à côte");
  await decision.getByText("Annuler cette décision").click();
  await decision.getByRole("button", { name: "Annuler la décision" }).click();
  assert.match(await page.locator(".field-error").innerText(), /Écrivez votre nom/);
  assert.equal((await state(task.id)).person_b, person, "nothing is done without an author");
  await page.goto(`${base}/personnes/${person}`);
  await takeBack(page, decision, "H. Kermarrec");
  assert.match(await decision.innerText(), /Annulée par la décision \d+/);
  assert.equal(await decision.getByText("Annuler cette décision").count(), 0);
  const now = await state(task.id);
  assert.notEqual(now.person_a, now.person_b);
  assert.equal(now.task.state, "reopened");
  await page.getByRole("link", { name: "English" }).click();
  assert.match(await page.locator("ol.decisions").innerText(), /Taken back by decision \d+/);
  await close(page);
});

test("a record that a link has parted comes back with the undo", async () => {
  const task = await ownTask("PAGES-3", "PAGES-5");
  const { page, decision } = await linkedPerson(task, "Vue au guichet");
  const records = page.locator("section", { has: page.locator("#records-title") });
  assert.doesNotMatch(await records.innerText(), /PAGES-4/);
  await takeBack(page, decision, "H. Kermarrec");
  assert.match(await records.innerText(), /PAGES-3/);
  assert.match(await records.innerText(), /PAGES-4/);
  assert.doesNotMatch(await records.innerText(), /PAGES-5/);
  const parting = page.locator("ol.decisions > li", { hasText: "séparés par le moteur" });
  assert.match(await parting.innerText(), /Annulée par la décision \d+/);
  assert.equal((await state(task.id)).task.state, "reopened");
  await close(page);
});

let parted; /* a person that nobody is on any more */
test("an undo that leaves the person without records shows where they are", async () => {
  const task = await ownTask("PAGES-7", "PAGES-8");
  const reason = "Vue avec sa mère";
  const { page, decision, person } = await linkedPerson(task, reason);
  assert.match(await page.locator("ol.decisions").innerText(), /séparés par le moteur[\s\S]*suite d’une décision/);
  await takeBack(page, decision, "H. Kermarrec");
  assert.equal(new URL(page.url()).pathname, `/personnes/${person}`);
  parted = person;
  const now = await state(task.id);
  assert.notEqual(now.person_a, now.person_b);
  const links = await page.locator("table.list tbody th a").evaluateAll((all) => all.map((a) => Number(a.href.split("/").pop())));
  assert.deepEqual(links.sort(), [now.person_a, now.person_b].sort());
  const rows = await page.locator("table.list tbody tr").allInnerTexts();
  assert.ok(rows.some((row) => /PAGES-6/.test(row) && /PAGES-7/.test(row)), "with whom it had stood");
  assert.ok(rows.some((row) => /PAGES-8/.test(row) && !/PAGES-7/.test(row)));
  await page.locator("table.list tbody th a").first().click();
  await page.waitForURL((url) => url.pathname !== `/personnes/${person}`);
  const undone = page.locator("ol.decisions > li", { hasText: reason }).filter({ hasText: "liés, même personne" });
  assert.match(await undone.innerText(), /Annulée par la décision \d+/);
  await close(page);
});

test("dead letters show their reason and their segments", async () => {
  const { body } = await api("/api/messages");
  const page = await open("/messages");
  assert.equal(await page.locator("table.list tbody tr").count(), Math.min(body.messages.length, 200));
  if (body.messages.length) {
    await page.locator("table.list tbody th a").first().click();
    await page.waitForURL(/\/messages\/\d+/);
    assert.ok((await page.locator("details.segment").count()) > 0);
    assert.match(await page.locator("details.segment").first().innerText(), /MSH/);
  }
  await page.goto(`${base}/messages?control_id=no-such-message`);
  assert.match(await page.locator("main").innerText(), /Aucun message ne porte/);
  await close(page);
});

test("a form from elsewhere is refused", async () => {
  const task = await takeTask();
  const page = await open("/");
  await page.goto("data:text/html,<form method=post></form>");
  const status = page.waitForResponse((response) => response.url().includes(`/taches/${task.id}`));
  await page.evaluate((address) => {
    const form = document.querySelector("form");
    form.action = address;
    const fields = { outcome: "link", author: "x", reason: "y", seen: 1 };
    form.innerHTML = Object.entries(fields).map(([name, value]) => `<input name=${name} value=${value}>`).join("");
    form.submit();
  }, `${base}/taches/${task.id}`);
  assert.equal((await status).status(), 403);
  assert.equal((await state(task.id)).task.state, task.state);
  await page.context().close();
});

test("replaying a dead letter says what came of it", async () => {
  const [letter] = (await api("/api/messages")).body.messages;
  if (!letter) return;
  const page = await open(`/messages/${letter.id}`);
  await page.getByRole("button", { name: "Rejouer" }).click();
  assert.match(await page.getByRole("alert").innerText(), /Écrivez votre nom/);
  await page.getByLabel("Votre nom").fill("G. Morel");
  await page.getByRole("button", { name: "Rejouer" }).click();
  const news = page.locator(".notice");
  await news.waitFor();
  const dead = (await api("/api/messages")).body.messages.some((one) => one.id === letter.id);
  assert.match(await news.innerText(), dead ? /encore refusé/ : /quitte la liste/);
  await close(page);
});

for (const colorScheme of ["light", "dark"]) {
  test(`accessibility of every page, ${colorScheme}`, async () => {
    const task = (await openTasks("possible-match"))[0];
    const detail = await state(task.id);
    const [letter] = (await api("/api/messages")).body.messages;
    const paths = ["/", "/personnes", "/messages", "/accessibilite", "/nulle-part"];
    paths.push(`/taches/${task.id}`, `/personnes/${detail.person_a}`);
    if (letter) paths.push(`/messages/${letter.id}`);
    if (parted) paths.push(`/personnes/${parted}`);
    const page = await open("/?state=all", { bypassCSP: true, context: { colorScheme } });
    for (const path of paths) {
      await page.goto(base + path);
      await page.addScriptTag({ content: axe });
      const found = await page.evaluate(async () => {
        const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];
        const { passes, violations } = await axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
        const wrong = violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(", ")}`);
        return { passed: passes.length, wrong };
      });
      assert.deepEqual(found.wrong, [], path);
      assert.ok(found.passed > 10, "the rules were applied");
    }
    await close(page);
  });
}

test("at twice the size nothing is lost sideways", async () => {
  const task = (await openTasks("possible-match"))[0];
  for (const path of ["/", `/taches/${task.id}`, "/messages", "/personnes"]) {
    const page = await open(path, { context: { viewport: { width: 640, height: 450 } } });
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(beyond <= 0, `${path} is ${beyond} pixels too wide`);
    await close(page);
  }
});

test("on a usual screen the list of the queues is seen whole, also with tasks that wait", async () => {
  const task = await takeTask("duplicate");
  const page = await open(`/taches/${task.id}`);
  await decide(page, "wait", "A. Martin", "Bureau des entrées appelé");
  await page.waitForURL(/done=wait/);
  await close(page);
  for (const width of [1024, 1200, 1366, 1440]) {
    const list = await open("/?kind=duplicate", { context: { viewport: { width, height: 800 } } });
    const beyond = await list.locator(".scroll").evaluateAll((all) => all.map((one) => one.scrollWidth - one.clientWidth));
    assert.deepEqual(beyond, [0], `at ${width} pixels`);
    await close(list);
  }
});
