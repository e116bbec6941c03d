// The one dialog. It gives the focus back to what opened it, or to what took that one's place.

import { button, el } from "./dom.js";

const dialog = document.getElementById("dialog");

/** Tell whether the dialog is open: nothing behind it is built anew then. */
export const isOpen = () => dialog.open;

/** Open the dialog with what `build` returns; it is given a function that closes. */
export function openDialog(title, build) {
    const opener = document.activeElement;
    const close = () => dialog.close();
    dialog.replaceChildren(
        el(
            "div",
            { class: "dialog-head" },
            el("h2", { id: "dialog-title" }, title),
            button("Close", "dialog-close", close, { class: "small" }),
        ),
        ...build(close),
    );
    dialog.addEventListener("close", () => giveBack(opener), { once: true });
    dialog.showModal();
    (dialog.querySelector("[data-first]") ?? dialog.querySelector("button")).focus();
}

function giveBack(opener) {
    dialog.replaceChildren();
    const key = opener?.dataset?.key;
    const same = opener?.isConnected
        ? opener
        : [...document.querySelectorAll("[data-key]")].find((it) => key && it.dataset.key === key);
    (same ?? document.querySelector("main h1") ?? document.querySelector("main")).focus();
}
