// Finds one intent by its exact id, in the accounts that the caller may see.

import * as api from "./api.js";
import { el, given } from "./dom.js";
import { word } from "./marks.js";
import { toExecution } from "./routes.js";

const ID = /^[A-Za-z0-9_.:@-]{1,128}$/;
const AT_ONCE = 6;
const ACCOUNTS = 60;

/** Return the form; one hit is opened, several are shown to choose from. */
export function finder(app, account) {
    const input = el("input", {
        type: "search",
        name: "intent",
        id: "find",
        "data-key": "find",
        autocomplete: "off",
        autocapitalize: "none",
        spellcheck: "false",
        placeholder: "exact id",
        maxlength: "128",
        "aria-describedby": "found",
    });
    const found = el("p", { class: "found", id: "found", "aria-live": "polite" });
    const form = el(
        "form",
        { class: "find", role: "search", novalidate: true },
        el("label", {}, el("span", {}, "Intent"), input),
        el("button", { type: "submit", "data-key": "find-go" }, "Find"),
    );
    form.addEventListener("submit", async (event) => {
        event.preventDefault();
        const id = input.value.trim();
        if (!ID.test(id)) {
            found.replaceChildren("An id has 1 to 128 letters, digits or _ . : @ -");
            return;
        }
        found.replaceChildren("Looking…");
        try {
            tell(app, found, id, await hits(id, account ? [account] : app.caller.accounts));
        } catch (fault) {
            found.replaceChildren("");
            app.failed(fault);
        }
    });
    return el("div", { class: "finding" }, form, found);
}

async function hits(id, accounts) {
    const asked = accounts.slice(0, ACCOUNTS);
    const there = [];
    for (let first = 0; first < asked.length; first += AT_ONCE) {
        const answers = await Promise.all(asked.slice(first, first + AT_ONCE).map((it) => one(id, it)));
        there.push(...answers.filter(Boolean));
    }
    return there;
}

async function one(id, account) {
    try {
        return await api.status({ id, account });
    } catch (fault) {
        if (fault instanceof api.Refused && fault.status === 404) return null;
        throw fault;
    }
}

function tell(app, found, id, there) {
    if (there.length === 1) {
        location.hash = toExecution(there[0].account_id, id);
        return;
    }
    if (there.length === 0) {
        found.replaceChildren("No execution of this id in your accounts.");
        return;
    }
    const links = there.map((it) =>
        el("a", { href: toExecution(it.account_id, id) }, given(it.account_id), ` (${word(it.status).toLowerCase()})`),
    );
    found.replaceChildren("In several accounts: ", ...links.flatMap((it) => [it, " "]));
}
