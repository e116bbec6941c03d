// Kill switches: what is stopped, at the top of every view, and the way to stop and to go on.

import * as api from "./api.js";
import { openDialog } from "./dialog.js";
import { button, el, given, place } from "./dom.js";
import { area } from "./fields.js";
import { failure } from "./verdict.js";

const scopeOf = (it) => String(it.scope).toUpperCase();
const closedOnes = (all) => all.filter((it) => it.closed !== false);

/** Return a switch in words. */
function named(it) {
    if (scopeOf(it) === "GLOBAL") return "every tenant";
    if (scopeOf(it) === "ACTION_TYPE") return it.action_type;
    return `all of tenant ${it.tenant_id}`;
}

const nameOf = (it) => `${scopeOf(it)}-${it.action_type ?? ""}`;
const mayChange = (app, it) => app.caller.acts && (scopeOf(it) !== "GLOBAL" || app.caller.actsGlobally);
const asked = (it) =>
    scopeOf(it) === "GLOBAL" ? { scope: "GLOBAL" } : it.action_type ? { action_type: it.action_type } : {};

/** Return what stands at the top of every view while something is stopped. */
export function stoppedBanner(app, switches) {
    const closed = closedOnes(switches);
    if (closed.length === 0) return [];
    return [
        el("h2", {}, "Stopped"),
        el(
            "ul",
            {},
            closed.map((it) =>
                el(
                    "li",
                    {},
                    el("strong", {}, given(named(it))),
                    " ",
                    mayChange(app, it)
                        ? button("Resume…", `banner-${nameOf(it)}`, () => openSwitch(app, it, false), {
                              class: "small",
                              "aria-label": `Resume ${named(it)}`,
                          })
                        : null,
                ),
            ),
        ),
        el("p", {}, "Nothing new is sent. What arrives meanwhile ends as failed; what was sent is still settled."),
    ];
}

/** Return the view. */
export function switchesView(app) {
    const body = place("div", { class: "switches" });
    body.node.append(el("p", { class: "quiet" }, "Loading…"));
    let types;
    return {
        title: "Switches",
        node: el(
            "div",
            { class: "view" },
            el("h1", { tabindex: "-1" }, "Kill switches"),
            el(
                "p",
                { class: "lead" },
                "A closed switch means that nothing new is sent, from one second after it was closed. ",
                "Look-ups go on, and what was sent is settled.",
            ),
            body.node,
        ),
        refresh: async () => {
            types ??= await actionTypes();
            const { switches } = await api.switches();
            const closed = closedOnes(switches);
            body.show([closed, types], () => table(app, closed, types));
        },
    };
}

async function actionTypes() {
    const { entries } = await api.registry();
    return [...new Set(entries.map((it) => it.action_type))].sort();
}

function table(app, closed, types) {
    const known = new Set(closed.map(nameOf));
    const tenant = app.caller.tenant;
    const more = closed
        .filter((it) => scopeOf(it) === "ACTION_TYPE" && !types.includes(it.action_type))
        .map((it) => it.action_type);
    const rows = [
        { scope: "GLOBAL", label: "Every tenant", note: "the global switch" },
        { scope: "TENANT", tenant_id: tenant, label: `Tenant ${tenant}`, note: "all of its action types" },
        ...[...types, ...more].map((it) => ({
            scope: "ACTION_TYPE",
            tenant_id: tenant,
            action_type: it,
            label: it,
            note: "",
        })),
    ];
    return el(
        "table",
        { class: "plain wide" },
        el("caption", { class: "unseen" }, "Kill switches and their state"),
        el(
            "thead",
            {},
            el(
                "tr",
                {},
                ["Switch", "State", "Act"].map((it) => el("th", { scope: "col" }, it)),
            ),
        ),
        el(
            "tbody",
            {},
            rows.map((it) => row(app, it, known.has(nameOf(it)))),
        ),
    );
}

function row(app, it, isClosed) {
    const act = mayChange(app, it)
        ? button(isClosed ? "Resume…" : "Stop…", `switch-${nameOf(it)}`, () => openSwitch(app, it, !isClosed), {
              class: isClosed ? "small" : "small stop",
              "aria-label": `${isClosed ? "Resume" : "Stop"} ${named(it)}`,
          })
        : el(
              "span",
              { class: "quiet" },
              scopeOf(it) === "GLOBAL" && app.caller.acts ? "an installation operator's" : "–",
          );
    return el(
        "tr",
        {},
        el(
            "th",
            { scope: "row" },
            given(it.label, { class: it.action_type ? "action" : null }),
            " ",
            el("span", { class: "quiet" }, it.note),
        ),
        el("td", {}, el("span", { class: isClosed ? "state closed" : "state open" }, isClosed ? "Closed" : "Open")),
        el("td", {}, act),
    );
}

/** Open the dialog that closes or opens a switch; without one, the operator chooses which. */
export async function openStop(app) {
    try {
        const types = await actionTypes();
        openSwitch(app, null, true, types);
    } catch (fault) {
        app.failed(fault);
    }
}

function openSwitch(app, chosen, isToClose, types = []) {
    const verb = isToClose ? "Stop" : "Resume";
    openDialog(chosen ? `${verb} ${named(chosen)}` : "Stop", (close) => {
        const choice = chosen ? null : scopes(app, types);
        const reason = area("Reason", "reason", "goes into the ledger", true);
        if (chosen) reason.input.setAttribute("data-first", "");
        const told = el("div", { class: "verdict", role: "status", "aria-live": "polite" });
        const sure = el(
            "button",
            { type: "submit", class: isToClose ? "sure stop" : "sure", "data-key": "dialog-confirm" },
            `${verb} it`,
        );
        const form = el("form", {}, choice?.node, reason.node, told, el("div", { class: "buttons" }, sure));
        form.addEventListener("submit", async (event) => {
            event.preventDefault();
            sure.disabled = true;
            try {
                const which = chosen ?? choice.value();
                await api.setSwitch({ ...asked(which), closed: isToClose, reason: reason.input.value.trim() });
                close();
                app.done(
                    isToClose
                        ? `Stopped: ${named(which)}. Within a second nothing new is sent.`
                        : `Resumed: ${named(which)}.`,
                );
            } catch (fault) {
                told.replaceChildren(failure(app, close, fault));
            }
            sure.disabled = false;
        });
        const meaning = isToClose
            ? "No call starts later than a second after this. What arrives meanwhile fails, and is not sent later."
            : "New work is sent again. What failed meanwhile stays failed: retry what shall still be done.";
        return [el("p", {}, meaning), form];
    });
}

function scopes(app, types) {
    const tenant = { scope: "TENANT", tenant_id: app.caller.tenant };
    const all = [
        tenant,
        ...(app.caller.actsGlobally ? [{ scope: "GLOBAL" }] : []),
        ...types.map((it) => ({ scope: "ACTION_TYPE", tenant_id: app.caller.tenant, action_type: it })),
    ];
    const select = el(
        "select",
        { id: "field-scope", "data-first": true },
        all.map((it, place) => el("option", { value: String(place) }, named(it))),
    );
    return {
        node: el("div", { class: "field" }, el("label", { for: "field-scope" }, "What"), select),
        value: () => all[Number(select.value)],
    };
}
