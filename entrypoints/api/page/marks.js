// How a status looks: a word, a colour and a shape, each enough alone.

import { el, svg } from "./dom.js";

/** The statuses, in the order in which they need somebody. */
export const STATUSES = ["IN_DOUBT", "FAILED", "RUNNING", "PENDING", "SUCCEEDED", "CANCELLED", "EXPIRED"];

/** The statuses that a listing can be asked for: what no worker has claimed yet is in none. */
export const LISTED = STATUSES.filter((it) => it !== "PENDING" && it !== "EXPIRED");

const WORDS = {
    IN_DOUBT: "In doubt",
    FAILED: "Failed",
    RUNNING: "Running",
    PENDING: "Pending",
    SUCCEEDED: "Succeeded",
    CANCELLED: "Cancelled",
    EXPIRED: "Expired",
};

const SHAPES = {
    IN_DOUBT: "M8 1 15 8 8 15 1 8Z M8 4.6v4.2 M8 10.9v.3",
    FAILED: "M2.5 2.5h11v11h-11Z M5.5 5.5l5 5 M10.5 5.5l-5 5",
    RUNNING: "M8 1.8a6.2 6.2 0 1 1-6.2 6.2 M8 4.5v3.8l2.4 1.5",
    PENDING: "M8 1.8a6.2 6.2 0 1 1 0 12.4 6.2 6.2 0 0 1 0-12.4Z",
    SUCCEEDED: "M8 1.8a6.2 6.2 0 1 1 0 12.4 6.2 6.2 0 0 1 0-12.4Z M5 8.2l2.2 2.2 4-4.6",
    CANCELLED: "M8 1.8a6.2 6.2 0 1 1 0 12.4 6.2 6.2 0 0 1 0-12.4Z M3.8 12.2l8.4-8.4",
    EXPIRED: "M4 2h8 M4 14h8 M5 2c0 3 6 4 6 6s-6 3-6 6 M11 2c0 3-6 4-6 6s6 3 6 6",
};

/** Return a status in words. */
export const word = (status) => WORDS[status] ?? String(status);

/** Return the class that bears a status' colour. */
export const tone = (status) =>
    Object.hasOwn(WORDS, status) ? `is-${status.toLowerCase().replace("_", "-")}` : "is-other";

/** Return a status' shape. */
export function shape(status) {
    return svg(
        "svg",
        { class: "shape", viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" },
        svg("path", { d: SHAPES[status] ?? SHAPES.PENDING }),
    );
}

/** Return the shape of what is proved, or of what is not. */
export const sealShape = (isWhole) => shape(isWhole ? "SUCCEEDED" : "FAILED");

/** Return a status as it is shown everywhere. */
export function badge(status, properties = {}) {
    return el(
        "span",
        { class: `badge ${tone(status)}`, "data-status": String(status), ...properties },
        shape(status),
        word(status),
    );
}
