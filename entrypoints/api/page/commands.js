// The command lines that do the same, to be copied.

import { button, el } from "./dom.js";

const SAFE = /^[A-Za-z0-9_.:@%+=,/-]+$/;

/** Return a word as a POSIX shell takes it. */
export const quoted = (text) => (SAFE.test(text) ? text : `'${String(text).replaceAll("'", "'\\''")}'`);

/** Return the command line of a verb on one intent. */
export function line(verb, status, more = "") {
    const where = `-t ${quoted(status.tenant_id)} -a ${quoted(status.account_id)}`;
    return `actonce ${verb} ${quoted(status.action_intent_id)} ${where}${more && ` ${more}`}`;
}

/** Return what an operator could type about an execution, the acts that fit its state included. */
export function linesFor(status, effects) {
    const lines = [line("status", status), line("timeline", status)];
    const because = '--reason "…"';
    if (status.status === "IN_DOUBT") {
        lines.push(
            line("resolve", status, '--happened --evidence "…"'),
            line("resolve", status, '--did-not-happen --evidence "…"'),
        );
    }
    for (const act of fitting(status, effects)) if (act !== "resolve") lines.push(line(act, status, because));
    return [...lines, `actonce ledger verify -t ${quoted(status.tenant_id)}`];
}

/** Return the acts worth offering; whether one is proved safe is the service's to say. */
export function fitting(status, effects) {
    const undo = effects.some((it) => it.kind === "action" && (it.state === "APPLIED" || it.state === "FLAWED"))
        ? ["undo"]
        : [];
    if (status.compensation_status === "PENDING") return [];
    switch (status.status) {
        case "IN_DOUBT":
            return ["resolve", ...undo];
        case "PENDING":
        case "RUNNING":
            return ["cancel"];
        case "SUCCEEDED":
            return status.compensation_status === "COMPLETED" ? ["retry"] : undo;
        case "FAILED":
            return ["retry", ...undo];
        case "CANCELLED":
        case "EXPIRED":
            return ["retry"];
        default:
            return [];
    }
}

/** Return a command line that breaks between an option with its value and the next, and nowhere else while it fits. */
export function shown(text) {
    const parts = text.split(/ (?=-)/);
    return el(
        "code",
        { class: "command" },
        parts.map((it, place) => [place > 0 ? " " : "", el("span", {}, it)]),
    );
}

/** Return command lines with a button to copy each. */
export function commands(app, lines) {
    return el(
        "ul",
        { class: "commands" },
        lines.map((text) => {
            const code = shown(text);
            const copy = button(
                "Copy",
                `copy-${text}`,
                async () => {
                    try {
                        await navigator.clipboard.writeText(text);
                        app.say("Copied.");
                    } catch {
                        getSelection().selectAllChildren(code);
                        app.say("Marked; copy it with your keyboard.");
                    }
                },
                { class: "small", "aria-label": `Copy: ${text}` },
            );
            return el("li", {}, code, copy);
        }),
    );
}
