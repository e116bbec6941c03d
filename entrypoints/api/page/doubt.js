// The inbox: what waits for somebody to find out whether it happened.

import * as api from "./api.js";
import { openAct } from "./acting.js";
import { button, el, facts, given, place } from "./dom.js";
import { badge } from "./marks.js";
import { toExecution } from "./routes.js";
import { clock, now, since } from "./time.js";

/** Return the view. */
export function doubtView(app) {
    const list = place("div", { class: "inbox" });
    list.node.append(el("p", { class: "quiet" }, "Loading…"));
    return {
        title: "In doubt",
        node: el(
            "div",
            { class: "view" },
            el("h1", { tabindex: "-1" }, "In doubt"),
            el(
                "p",
                { class: "lead" },
                "Each of these may or may not have happened. Nothing more is sent until somebody knows. ",
                "Look at the external system, then say what you found.",
            ),
            list.node,
        ),
        refresh: async () => {
            const { executions, is_partial: isPartial } = await api.inDoubt();
            // What can be resolved changes with time alone.
            list.show(
                [isPartial, executions.map((it) => [it, isRipe(it)])],
                () =>
                    executions.length === 0
                        ? empty(isPartial)
                        : [
                              isPartial
                                  ? el(
                                        "p",
                                        { class: "quiet" },
                                        "More is in doubt than is shown: settle the newest to see the rest.",
                                    )
                                  : null,
                              el(
                                  "ul",
                                  { class: "cards" },
                                  executions.map((it) => card(app, it)),
                              ),
                          ],
            );
        },
    };
}

const isRipe = (it) => !it.can_resolve_at || Date.parse(it.can_resolve_at) <= now();

const empty = (isPartial) =>
    el(
        "div",
        { class: "empty" },
        el(
            "p",
            {},
            isPartial
                ? "Nothing of your accounts is among the newest in doubt."
                : "Nothing of your accounts is in doubt.",
        ),
        isPartial
            ? el("p", { class: "quiet" }, "More is in doubt than was looked through; some of it may be yours.")
            : null,
    );

function card(app, it) {
    const ripe = isRipe(it);
    const id = `doubt-${it.account_id}/${it.action_intent_id}`;
    return el(
        "li",
        { class: "card" },
        el(
            "div",
            { class: "card-head" },
            badge(it.status),
            el(
                "h2",
                { class: "id" },
                el(
                    "a",
                    { href: toExecution(it.account_id, it.action_intent_id), "data-key": id },
                    given(it.action_intent_id),
                ),
            ),
            el("span", { class: "action" }, given(it.action_type)),
        ),
        it.parked ? el("p", {}, given(it.parked)) : null,
        it.error_message
            ? el("p", { class: "quiet" }, el("code", {}, given(it.error_code ?? "")), " ", given(it.error_message))
            : null,
        facts(
            [
                ["account", it.account_id],
                ["tool", it.tool_name],
                ["since", since(it.completed_at ?? it.started_at)],
                ["run", it.run === undefined ? null : String(it.run)],
            ],
            { class: "inline" },
        ),
        el(
            "div",
            { class: "card-foot" },
            app.caller.acts
                ? button("Resolve…", `resolve-${id}`, () => openAct(app, "resolve", it), {
                      class: ripe ? "first" : null,
                      "aria-describedby": `ripe-${id}`,
                  })
                : null,
            el(
                "span",
                { class: ripe ? "ripe" : "unripe", id: `ripe-${id}` },
                ripe
                    ? "Can be resolved now."
                    : [
                          "The last call may still be under way; can be resolved at ",
                          clock(Date.parse(it.can_resolve_at)),
                          ", ",
                          since(it.can_resolve_at),
                          ".",
                      ],
            ),
        ),
    );
}
