// Single keys, for hands that stay on the keyboard. They can be turned off, for they get into the way of speech input.

import { isOpen, openDialog } from "./dialog.js";
import { el } from "./dom.js";

const KEPT = "actonce.keys";
const KEYS = [
    ["/", "find an intent by its id"],
    ["e", "executions"],
    ["i", "in doubt"],
    ["s", "switches"],
    ["j k", "next and previous row"],
    ["r", "read anew"],
    ["p", "pause or go on reading by itself"],
    ["?", "these keys"],
];

const areOn = () => {
    try {
        return localStorage.getItem(KEPT) !== "off";
    } catch {
        return true;
    }
};

/** Listen to keys; `acts` are by key. */
export function listen(acts) {
    document.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isOpen() || !areOn()) return;
        if (event.target.closest("input, textarea, select, [contenteditable]")) return;
        const act = { ...acts, j: () => step(1), k: () => step(-1), "?": showKeys }[event.key];
        if (!act) return;
        event.preventDefault();
        act();
    });
}

function step(by) {
    const rows = [...document.querySelectorAll("main tbody a, main .card h2 a")];
    const at = rows.indexOf(document.activeElement);
    rows[Math.min(Math.max(at + by, 0), rows.length - 1)]?.focus();
}

/** Show the keys, and let them be turned off. */
export function showKeys() {
    openDialog("Keys", () => {
        const on = el("input", { type: "checkbox", checked: areOn(), "data-first": true });
        on.addEventListener("change", () => {
            try {
                localStorage.setItem(KEPT, on.checked ? "on" : "off");
            } catch {
                on.checked = true;
            }
        });
        return [
            el(
                "dl",
                { class: "keys" },
                KEYS.map(([key, means]) =>
                    el(
                        "div",
                        {},
                        el(
                            "dt",
                            {},
                            key.split(" ").map((it) => el("kbd", {}, it)),
                        ),
                        el("dd", {}, means),
                    ),
                ),
            ),
            el("label", { class: "check" }, on, " Single keys work"),
        ];
    });
}
