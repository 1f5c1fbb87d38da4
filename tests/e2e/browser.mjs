/* What the browser tests share: Chromium without any talk of its own, the server's address, a few tasks by the API. */
import { chromium } from "playwright-core";

export const base = process.env.SOSIE_URL ?? "http://127.0.0.1:8080";

export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

export async function api(path, body) {
  const options = body ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {};
  const answer = await fetch(base + path, options);
  return { status: answer.status, body: await answer.json() };
}

/* Open tasks of a kind, most urgent first. */
export async function openTasks(kind) {
  const { body } = await api(`/api/tasks?most=500&kind=${kind}`);
  return body.tasks;
}
