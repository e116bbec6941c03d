// Asks for a token. It stays in this tab's session storage, and nowhere else.

import { el } from "./dom.js";
import { keep } from "./session.js";

/** Return the form; `done` is called once a token is kept. */
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
        el("div", { class: "buttons" }, el("button", { type: "submit", class: "first" }, "Open the console")),
    );
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        keep(input.value.replace(/^Bearer\s+/i, ""));
        input.value = "";
        done();
    });
    return el(
        "div",
        { class: "view narrow" },
        el("h1", { tabindex: "-1" }, "Who calls?"),
        told ? el("p", { class: "error told", role: "alert" }, told) : null,
        form,
    );
}
