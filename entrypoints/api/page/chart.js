// Counts: a strip by status, and bars by hour with a table that says the same.

import { el, svg } from "./dom.js";
import { shape, STATUSES, tone, word } from "./marks.js";
import { toExecutions } from "./routes.js";

const HOUR_MS = 3_600_000;
const HOURS = 48;
const HEIGHT = 100;
const STEP = 10;
const BAR = 7;

/** Return the counts by status, each the way to its executions. */
export function strip(counts, chosen) {
    const items = STATUSES.filter((it) => counts.by_status[it] || it === chosen.status).map((status) => {
        const isChosen = status === chosen.status;
        const query = { ...chosen, status: isChosen ? undefined : status };
        const parts = [
            shape(status),
            el("b", {}, String(counts.by_status[status] ?? 0)),
            " ",
            word(status).toLowerCase(),
        ];
        const properties = {
            href: toExecutions(query),
            "data-key": `count-${status}`,
            "aria-current": isChosen ? "true" : null,
        };
        return el("li", { class: tone(status) }, el("a", properties, parts));
    });
    return el("ul", { class: "strip", "aria-label": "Counts by status" }, items);
}

/** Return the bars, or null where there is nothing to draw. */
export function chart(counts) {
    const hours = filled(counts.over_time);
    if (hours.length === 0) return null;
    const present = STATUSES.filter((status) => hours.some((hour) => hour[status] > 0));
    const most = Math.max(...hours.map(total));
    const span = hours.length === 1 ? "one hour" : `${hours.length} hours, at most ${most} in one`;
    const summary = `${total(sum(hours, present))} executions in ${span}.`;
    return el(
        "figure",
        { class: "chart" },
        el(
            "div",
            { class: "plot" },
            el("span", { class: "most", "aria-hidden": "true" }, String(most)),
            drawing(hours, present, most, summary),
        ),
        axis(hours),
        el("figcaption", {}, caption(counts, summary)),
        el(
            "details",
            { "data-key": "chart-table" },
            el("summary", { "data-key": "chart-summary" }, "As a table"),
            table(hours, present),
        ),
    );
}

function filled(rows) {
    const known = new Map(rows.map((row) => [Date.parse(row.from), row]));
    const times = [...known.keys()].filter((it) => !Number.isNaN(it)).sort((one, other) => one - other);
    if (times.length === 0) return [];
    const last = times.at(-1);
    const first = Math.max(times[0], last - (HOURS - 1) * HOUR_MS);
    const hours = [];
    for (let at = first; at <= last; at += HOUR_MS) hours.push({ ...known.get(at), from: new Date(at).toISOString() });
    return hours;
}

const total = (hour) => STATUSES.reduce((count, status) => count + (hour[status] ?? 0), 0);

const sum = (hours, present) =>
    Object.fromEntries(present.map((it) => [it, hours.reduce((all, hour) => all + (hour[it] ?? 0), 0)]));

function drawing(hours, present, most, summary) {
    const width = Math.max(hours.length, 24) * STEP;
    const left = width - hours.length * STEP;
    const bars = hours.map((hour, place) => {
        let top = HEIGHT;
        const parts = present
            .filter((status) => hour[status] > 0)
            .map((status) => {
                const height = (hour[status] / most) * (HEIGHT - 2);
                top -= height;
                const box = { x: left + place * STEP + (STEP - BAR) / 2, y: top, width: BAR, height };
                return svg("rect", { class: `part ${tone(status)}`, ...box });
            });
        const told = present
            .filter((it) => hour[it] > 0)
            .map((it) => `${hour[it]} ${word(it).toLowerCase()}`)
            .join(", ");
        return svg("g", {}, svg("title", {}, `${label(hour)}: ${told || "nothing"}`), parts);
    });
    return svg(
        "svg",
        {
            viewBox: `0 0 ${width} ${HEIGHT}`,
            preserveAspectRatio: "none",
            role: "img",
            "aria-labelledby": "chart-title chart-desc",
        },
        svg("title", { id: "chart-title" }, "Executions by hour"),
        svg("desc", { id: "chart-desc" }, summary),
        bars,
    );
}

function axis(hours) {
    return el(
        "p",
        { class: "axis", "aria-hidden": "true" },
        el("span", {}, hours.length > 1 ? label(hours[0]) : ""),
        el("span", {}, label(hours.at(-1))),
    );
}

const caption = (counts, summary) =>
    counts.is_partial ? `${summary} Only the newest are counted; there are more.` : summary;

const label = (hour) => `${hour.from.slice(5, 10)} ${hour.from.slice(11, 16)} UTC`;

function table(hours, present) {
    const head = el(
        "tr",
        {},
        el("th", { scope: "col" }, "Hour"),
        present.map((it) => el("th", { scope: "col" }, word(it))),
    );
    const rows = hours
        .filter((hour) => total(hour) > 0)
        .reverse()
        .map((hour) =>
            el(
                "tr",
                {},
                el("th", { scope: "row" }, label(hour)),
                present.map((it) => el("td", {}, String(hour[it] ?? 0))),
            ),
        );
    return el(
        "div",
        { class: "scroll", tabindex: "0", role: "region", "aria-label": "Executions by hour, as a table" },
        el("table", { class: "plain" }, el("thead", {}, head), el("tbody", {}, rows)),
    );
}
