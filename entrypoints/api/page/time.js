// Times. The service's clock is what counts: the page learns its distance from each answer's Date.

import { el } from "./dom.js";

let aheadMs = 0;

/** Learn how far the service's clock is from this machine's. */
export function learnClock(header) {
    const theirs = Date.parse(header ?? "");
    // A Date says whole seconds, so what lies within two of them says nothing.
    if (!Number.isNaN(theirs)) aheadMs = Math.abs(theirs - Date.now()) > 2000 ? theirs - Date.now() : 0;
}

/** Return the service's time, as near as is known. */
export const now = () => Date.now() + aheadMs;

const two = (number) => String(number).padStart(2, "0");

/** Return the local time of day. */
export function clock(ms) {
    const at = new Date(ms);
    return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** Return how long ago or ahead it is, in one unit. */
export function apart(ms) {
    const past = now() - ms;
    const seconds = Math.round(Math.abs(past) / 1000);
    if (seconds < 2) return "now";
    const [count, unit] =
        seconds < 90
            ? [seconds, "s"]
            : seconds < 5400
              ? [Math.round(seconds / 60), "min"]
              : seconds < 129_600
                ? [Math.round(seconds / 3600), "h"]
                : [Math.round(seconds / 86_400), "d"];
    return past >= 0 ? `${count} ${unit} ago` : `in ${count} ${unit}`;
}

/** Return a time that keeps saying how long ago it was. */
export function since(iso) {
    const ms = Date.parse(iso ?? "");
    if (Number.isNaN(ms)) return null;
    return el("time", { datetime: iso, title: iso, "data-since": String(ms) }, apart(ms));
}

/** Say anew how long ago everything was. */
export function tick() {
    for (const it of document.querySelectorAll("time[data-since]")) {
        const text = apart(Number(it.dataset.since));
        if (it.textContent !== text) it.textContent = text;
    }
}

/** Return a moment to the millisecond, in UTC, as the logs say it. */
export const moment = (iso) => el("time", { datetime: iso, title: iso }, String(iso).slice(11, 23));

/** Return the time from one entry to the next. */
export function gap(ms) {
    if (ms < 1000) return `+${ms} ms`;
    if (ms < 120_000) return `+${(ms / 1000).toFixed(1)} s`;
    if (ms < 7_200_000) return `+${Math.round(ms / 60_000)} min`;
    return `+${Math.round(ms / 3_600_000)} h`;
}
