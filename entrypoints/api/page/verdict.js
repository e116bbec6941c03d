// What the service said of an act, in words.

import * as api from "./api.js";
import { el, given } from "./dom.js";

/** Return what a dry run came to. */
export function judged(told) {
    const repeats = told.would_repeat_a_write === true;
    return el(
        "div",
        { class: told.allowed ? (repeats ? "warned" : "allowed") : "refused" },
        el("p", {}, el("strong", {}, told.allowed ? "Allowed." : "Refused."), " ", given(told.reason ?? "")),
        el("p", {}, "Would it repeat a write? ", el("strong", {}, repeats ? "It could." : "No.")),
        el("p", { class: "quiet" }, "Nothing was written by this check."),
    );
}

/** Return what went wrong with an act, in words. */
export function failure(app, close, fault) {
    if (fault instanceof api.NoAnswer) {
        return el(
            "div",
            { class: "refused" },
            el("p", {}, el("strong", {}, "No answer. "), fault.message),
            el("p", {}, "Whether it was done is not known by this: look at the timeline before you try again."),
        );
    }
    if (!(fault instanceof api.Refused)) throw fault;
    if (fault.status === 401) {
        close();
        app.failed(fault);
        return "";
    }
    const title =
        {
            403: "Forbidden.",
            404: "Not found.",
            409: "Refused.",
            429: "Too many asks.",
            503: "The store cannot be used now.",
        }[fault.status] ?? "It did not work.";
    const code = fault.code ? el("code", {}, given(fault.code)) : null;
    return el(
        "div",
        { class: "refused" },
        el("p", {}, el("strong", {}, title), " ", given(fault.message), " ", code),
        el(
            "p",
            { class: "quiet" },
            fault.status >= 500
                ? "Whether it was done: look at the timeline before you try again."
                : "Nothing was written.",
        ),
    );
}
