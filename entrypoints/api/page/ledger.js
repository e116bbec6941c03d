// The ledger: entries in order, each with its evidence, and whether the chain holds.

import { el, facts, given } from "./dom.js";
import { sealShape } from "./marks.js";
import { gap, moment } from "./time.js";

const NOTED = new Set(["run", "generation", "trace_id", "decision_trace_id"]);
const AN_EPOCH_MS = 1e12;
const HASH = /^[0-9a-f]{64}$/;
const TONES = {
    ACTION_EXECUTED: "is-succeeded",
    ACTION_FAILED: "is-failed",
    PAYLOAD_CONFLICT: "is-failed",
    ACTION_REJECTED: "is-failed",
    EFFECT_IN_DOUBT: "is-in-doubt",
    EXECUTION_CANCELLED: "is-cancelled",
    EXECUTION_EXPIRED: "is-expired",
    OPERATOR_RESOLVED: "is-operator",
    OPERATOR_RETRIED: "is-operator",
    DECISION: "is-operator",
    ACTION_UNDONE: "is-operator",
    KILL_SWITCH_CHANGED: "is-operator",
};

/** Tell whether a chain holds; anything but a plain yes is a no. */
export const isWhole = (chain) => chain.verified === true && !chain.fault;

/** Return the chains of an intent. */
export function chains(all) {
    return el(
        "section",
        { "aria-labelledby": "ledger" },
        el("h2", { id: "ledger", tabindex: "-1", "data-key": "ledger" }, "Ledger"),
        all.length === 0
            ? el("p", { class: "quiet" }, "Nothing is on record yet.")
            : all.map((it) => chain(it, all.length > 1)),
    );
}

function chain(it, isNamed) {
    const whole = isWhole(it);
    return el(
        "div",
        { class: "chain" },
        isNamed ? el("h3", {}, given(it.subject)) : null,
        el(
            "p",
            { class: `seal ${whole ? "whole" : "broken"}` },
            sealShape(whole),
            el(
                "span",
                {},
                whole
                    ? `Verified: ${it.entries.length} entries, each sealed by the next`
                    : ["BROKEN: ", given(it.fault ?? "the chain does not hold")],
            ),
        ),
        whole
            ? null
            : el(
                  "p",
                  { class: "quiet" },
                  "Somebody or something changed the store outside this program. ",
                  "Stop, keep a copy, and compare it with your last export.",
              ),
        el(
            "ol",
            { class: "entries" },
            it.entries.map((entry, place) => line(entry, it.entries[place - 1], isNamed ? "h4" : "h3")),
        ),
    );
}

function line(entry, before, heading) {
    const told = Object.entries(Object(entry.body)).filter(
        ([name, value]) => !NOTED.has(name) && value !== null && value !== "",
    );
    const day = before && dayOf(before) === dayOf(entry) ? null : el("span", { class: "day" }, dayOf(entry));
    return el(
        "li",
        { class: `entry ${toneOf(entry)}` },
        el(
            "div",
            { class: "at" },
            day,
            moment(entry.at),
            before ? el("span", { class: "gap" }, gap(entry.at_ms - before.at_ms)) : null,
        ),
        el(
            "div",
            { class: "what" },
            el(heading, {}, el("code", {}, given(entry.event))),
            told.length > 0
                ? facts(
                      told.map(([name, value]) => [name, short(name, value)]),
                      { class: "told" },
                  )
                : null,
            el(
                "details",
                { "data-key": `entry-${entry.sha256}` },
                el("summary", { "data-key": `record-${entry.sha256}` }, `Record ${entry.sequence}`),
                record(entry),
            ),
        ),
    );
}

/** An effect is settled by being there, or by being proved not to be. */
const toneOf = (entry) =>
    entry.event === "EFFECT_SETTLED" && entry.body.state === "APPLIED"
        ? "is-succeeded"
        : (TONES[entry.event] ?? "is-other");

const dayOf = (entry) => String(entry.at).slice(0, 10);

function record(entry) {
    return el(
        "div",
        { class: "record" },
        facts([
            ["sha256", el("code", {}, given(entry.sha256))],
            ["previous", el("code", {}, given(entry.previous || "none: the first"))],
        ]),
        el(
            "pre",
            { tabindex: "0", "aria-label": `Body of record ${entry.sequence}` },
            JSON.stringify(entry.body, null, 1),
        ),
    );
}

function short(name, value) {
    if (name.endsWith("_ms") && Number.isInteger(value) && value > AN_EPOCH_MS && value < 8.64e15)
        return new Date(value).toISOString();
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return HASH.test(text) ? el("code", { title: text }, `${text.slice(0, 12)}…`) : given(text);
}
