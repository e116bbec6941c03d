// The fields of an act, bounded as the service bounds them.

import { quoted } from "./commands.js";
import { el } from "./dom.js";

const LIMITS = { reason: 500, evidence: 2000 };

/** Return an act's form, what it asks for, and the same as options of the command line. */
export function fieldsOf(act) {
    const reason = area(
        "Reason",
        "reason",
        act === "resolve" ? "optional; goes into the ledger" : "goes into the ledger",
        act !== "resolve",
    );
    if (act === "resolve") return resolveFields(reason);
    const stopped = act === "undo" ? el("input", { type: "checkbox", name: "while_stopped" }) : null;
    reason.input.setAttribute("data-first", "");
    return {
        node: el(
            "form",
            {},
            reason.node,
            stopped ? el("label", { class: "check" }, stopped, " Even though a kill switch is closed") : null,
        ),
        body: () => ({ reason: reason.input.value.trim(), ...(stopped?.checked ? { while_stopped: true } : {}) }),
        options: () => `--reason ${typed(reason.input)}${stopped?.checked ? " --while-stopped" : ""}`,
    };
}

const typed = (input) => (input.value.trim() ? quoted(input.value.trim()) : '"…"');

function resolveFields(reason) {
    const yes = el("input", { type: "radio", name: "happened", value: "yes", required: true, "data-first": true });
    const no = el("input", { type: "radio", name: "happened", value: "no", required: true });
    const evidence = area("Evidence", "evidence", "how you know; look at the external system itself", true);
    return {
        node: el(
            "form",
            {},
            el(
                "fieldset",
                {},
                el("legend", {}, "What did you find?"),
                el("label", { class: "check" }, yes, " It happened"),
                el("label", { class: "check" }, no, " It did not happen"),
            ),
            evidence.node,
            reason.node,
        ),
        body: () => {
            const why = reason.input.value.trim();
            return { happened: yes.checked, evidence: evidence.input.value.trim(), ...(why ? { reason: why } : {}) };
        },
        options: () => {
            const found = yes.checked ? "--happened" : no.checked ? "--did-not-happen" : "…";
            const why = reason.input.value.trim() ? ` --reason ${typed(reason.input)}` : "";
            return `${found} --evidence ${typed(evidence.input)}${why}`;
        },
    };
}

/** Return a text field that is bounded as the service bounds it; blanks alone are no text. */
export function area(label, name, hint, isRequired) {
    const id = `field-${name}`;
    const input = el("textarea", {
        id,
        name,
        rows: name === "evidence" ? "3" : "2",
        maxlength: String(LIMITS[name]),
        required: isRequired,
        "aria-describedby": `${id}-hint`,
    });
    const judge = () => input.setCustomValidity(isRequired && input.value.trim() === "" ? `${label} is needed.` : "");
    input.addEventListener("input", judge);
    judge();
    return {
        input,
        node: el(
            "div",
            { class: "field" },
            el("label", { for: id }, label),
            input,
            el("p", { class: "quiet", id: `${id}-hint` }, hint),
        ),
    };
}
