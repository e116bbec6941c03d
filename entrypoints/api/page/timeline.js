// One execution: where it stands, what was sent, what is on record, and what can be done.

import * as api from "./api.js";
import { openAct, WORDS } from "./acting.js";
import { commands, fitting, linesFor, shown } from "./commands.js";
import { button, el, facts, given, outerLink, place } from "./dom.js";
import { chains, isWhole } from "./ledger.js";
import { badge, sealShape, tone } from "./marks.js";
import { toExecutions } from "./routes.js";
import { moment, since } from "./time.js";

/** Return the view. */
export function executionView(app, route) {
    const key = { id: route.id, account: route.account };
    const head = place("div", { class: "head" });
    const body = place("div", { class: "columns" });
    body.node.append(el("p", { class: "quiet" }, "Loading…"));

    return {
        title: key.id,
        node: el(
            "div",
            { class: "view" },
            el("p", { class: "back" }, el("a", { href: toExecutions() }, "Executions"), " / ", given(key.account)),
            el("h1", { tabindex: "-1", class: "id" }, given(key.id)),
            head.node,
            body.node,
        ),
        refresh: async () => {
            const answer = await api.timeline(key);
            const told = { ...answer, status: answer.status ?? stranger(app, key) };
            head.show(
                { status: told.status, effects: told.effects, chains: told.chains.map(isWhole), hints: told.hints },
                () => top(app, told),
            );
            body.show(told, () => [
                el("div", { class: "main" }, effects(told.effects), chains(told.chains)),
                aside(app, told),
            ]);
        },
    };
}

/** What was only ever turned away has a record, and no status. */
const stranger = (app, key) => ({
    action_intent_id: key.id,
    account_id: key.account,
    tenant_id: app.caller.tenant,
    status: null,
});

function top(app, told) {
    const { status } = told;
    return [
        el(
            "p",
            { class: "standing" },
            status.status
                ? badge(status.status, { class: `badge big ${tone(status.status)}` })
                : "Nothing was executed under this id; an event was turned away.",
            status.action_type ? el("span", { class: "action" }, given(status.action_type)) : null,
            verified(told.chains),
        ),
        status.error_code
            ? el(
                  "p",
                  { class: "error told" },
                  el("code", {}, given(status.error_code)),
                  " ",
                  given(status.error_message ?? ""),
              )
            : null,
        status.compensation_error
            ? el("p", { class: "error told" }, "The undo: ", given(status.compensation_error))
            : null,
        told.hints.length > 0 ? el("ul", { class: "hints", "aria-label": "What to do" }, told.hints.map(hint)) : null,
        acts(app, told),
    ];
}

/** Show the command that a hint ends with as one. */
function hint(text) {
    const [, words, command] = /^([^:]*: )(actonce .*)$/.exec(text) ?? [null, text, null];
    return el("li", {}, given(words), command ? shown(command) : null);
}

function verified(all) {
    if (all.length === 0) return null;
    const isBroken = all.some((it) => !isWhole(it));
    return el(
        "a",
        {
            href: "#ledger",
            class: `seal ${isBroken ? "broken" : "whole"}`,
            "data-key": "seal",
            on: { click: toLedger },
        },
        sealShape(!isBroken),
        el("span", {}, isBroken ? "Ledger BROKEN" : "Ledger verified"),
    );
}

function toLedger(event) {
    event.preventDefault();
    document.getElementById("ledger")?.scrollIntoView();
    document.getElementById("ledger")?.focus();
}

function acts(app, { status, effects: sent }) {
    const fit = fitting(status, sent);
    if (!app.caller.acts)
        return fit.length > 0 ? el("p", { class: "quiet" }, "You may read. An operator can act.") : null;
    if (fit.length === 0) return null;
    return el(
        "div",
        { class: "acts", role: "group", "aria-label": "Acts" },
        fit.map((act) =>
            button(`${WORDS[act].verb}…`, `act-${act}`, () => openAct(app, act, status), {
                class: act === "resolve" ? "first" : null,
            }),
        ),
    );
}

function effects(all) {
    if (all.length === 0)
        return el(
            "section",
            {},
            el("h2", {}, "Effects"),
            el("p", { class: "quiet" }, "Nothing was prepared, so nothing was sent."),
        );
    return el("section", {}, el("h2", {}, "Effects"), all.map(effect));
}

function effect(it) {
    const sends = it.sends.map((send) =>
        el(
            "li",
            {},
            el("span", { class: "number" }, `Send ${send.number}`),
            " ",
            el(
                "code",
                { class: send.answer === null ? "unanswered" : null },
                send.answer === null ? "no answer" : given(send.answer),
            ),
            " ",
            el("span", { class: "quiet" }, "prepared ", moment(send.prepared_at), " ", since(send.prepared_at)),
        ),
    );
    return el(
        "article",
        { class: "effect" },
        el(
            "h3",
            {},
            given(it.kind === "undo" || it.kind === "UNDO" ? "Undo" : "Action"),
            ` of run ${it.run}: `,
            el("code", {}, given(it.state)),
            it.evidence ? [" by ", el("code", {}, given(it.evidence))] : null,
        ),
        el("ol", { class: "sends" }, sends),
        objects(it.external_object_refs ?? []),
        facts(
            [
                ["tool", given(it.tool)],
                ["effect key", hash(it.effect_key)],
                ["request", hash(it.request_sha256)],
            ],
            { class: "facts" },
        ),
    );
}

const objects = (refs) =>
    refs.length === 0
        ? null
        : el(
              "ul",
              { class: "refs" },
              refs.map((it) =>
                  el(
                      "li",
                      {},
                      given(it.system),
                      " ",
                      given(it.object_type),
                      " ",
                      it.object_url ? outerLink(it.object_url, it.object_id) : given(it.object_id, { class: "id" }),
                      it.object_url ? el("span", { class: "quiet url" }, given(it.object_url)) : null,
                  ),
              ),
          );

const hash = (text) => (text ? el("code", { class: "hash", title: text }, text) : null);

function aside(app, told) {
    const { status } = told;
    const refs = objects(status.external_object_refs ?? []);
    return el(
        "aside",
        { "aria-label": "Facts and commands" },
        el("h2", {}, "Facts"),
        facts(
            [
                ["tenant", status.tenant_id],
                ["account", status.account_id],
                ["evidence", status.evidence],
                ["run", number(status.run)],
                ["revision", number(status.revision)],
                ["attempts", number(status.attempt_count)],
                ["started", when(status.started_at)],
                ["completed", when(status.completed_at)],
                ["expires", when(status.expires_at)],
                ["tool", status.tool_name],
                ["tool schema", status.tool_schema_version],
                ["registry version", number(status.registry_version)],
                ["undo", status.compensation_status === "NONE" ? null : status.compensation_status],
                ["approved by", status.approval_source],
                ["executed by itself", status.auto_executed === undefined ? null : String(status.auto_executed)],
                ["trace", status.trace_id],
                ["tool run", status.tool_run_ref],
                ["raw response", status.raw_response_artifact_ref],
            ],
            { class: "facts" },
        ),
        refs ? [el("h2", {}, "External objects"), refs] : null,
        el("h2", {}, "Command line"),
        commands(app, linesFor(status, told.effects)),
    );
}

const number = (it) => (it === undefined || it === null ? null : String(it));
const when = (iso) =>
    iso
        ? el(
              "span",
              {},
              el("time", { datetime: iso }, `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`),
              " ",
              el("span", { class: "quiet" }, since(iso)),
          )
        : null;
