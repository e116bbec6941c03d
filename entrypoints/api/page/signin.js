// Asks who calls: by a sign-in at the provider, where there is one, or by a token. It stays in this tab's storage only.

import { NoAnswer, Refused } from "./api.js";
import { button, el, given } from "./dom.js";
import { begin, NotSignedIn, provider, redeem } from "./provider.js";
import { keep } from "./session.js";

/** Return the view; `done` is called once a token is kept. */
export function signIn(told, done) {
    const input = el("textarea", {
        id: "token",
        name: "token",
        rows: "4",
        required: true,
        autocomplete: "off",
        spellcheck: "false",
        autocapitalize: "none",
        "aria-describedby": "token-hint",
    });
    const open = el("button", { type: "submit", class: "first" }, "Open the console");
    const form = el(
        "form",
        { class: "signin" },
        el(
            "div",
            { class: "field" },
            el("label", { for: "token" }, "Token"),
            input,
            el(
                "p",
                { class: "quiet", id: "token-hint" },
                "A bearer token of your identity provider. On this machine, ",
                el("code", {}, "actonce serve"),
                " prints an address that brings one. It is kept in this tab only.",
            ),
        ),
        el("div", { class: "buttons" }, open),
    );
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        keep(input.value.replace(/^Bearer\s+/i, ""));
        input.value = "";
        done();
    });
    const door = el("div", { class: "door" });
    offer(door, input, open);
    return el(
        "div",
        { class: "view narrow" },
        el("h1", { tabindex: "-1" }, "Who calls?"),
        told ? loud(told) : null,
        door,
        form,
    );
}

/** Turn what the provider sent back into this tab's token; return why it is none, "" when it is kept. */
export async function finish(returned) {
    try {
        keep(await redeem(returned));
        return "";
    } catch (fault) {
        return reason(fault);
    }
}

/** Keep a token that an address brought, but where people sign in: there a link could make anybody the caller. */
export async function admit(brought) {
    const named = brought && (await provider().catch(() => undefined));
    if (named === null) keep(brought);
}

async function offer(door, input, open) {
    try {
        const it = await provider();
        if (it !== null) door.replaceChildren(...offered(it, door, input, open));
    } catch (fault) {
        door.replaceChildren(el("p", { class: "quiet" }, "Whether you can sign in here is not known: ", reason(fault)));
    }
}

function offered(it, door, input, open) {
    const leave = button("Sign in", "sign-in", () => depart(it, door), { class: "first" });
    open.classList.remove("first");
    // Whoever has begun to type is let be.
    if (document.activeElement === input && input.value === "") queueMicrotask(() => leave.focus());
    return [
        leave,
        el("p", { class: "quiet" }, "You are sent to ", given(new URL(it.authorize_url).host), ", and back."),
        el("h2", {}, "Or with a token"),
    ];
}

async function depart(it, door) {
    try {
        await begin(it);
    } catch (fault) {
        door.prepend(loud(reason(fault)));
    }
}

function reason(fault) {
    if (fault instanceof NotSignedIn || fault instanceof NoAnswer || fault instanceof Refused) return fault.message;
    throw fault;
}

const loud = (text) => el("p", { class: "error told", role: "alert" }, given(text));
