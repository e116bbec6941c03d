// The list of executions: filters, counts, pages.

import * as api from "./api.js";
import { chart, strip } from "./chart.js";
import { button, el, given, place } from "./dom.js";
import { finder } from "./finder.js";
import { badge, LISTED, word } from "./marks.js";
import { toExecution, toExecutions } from "./routes.js";
import { now, since } from "./time.js";

const PAGE = 25;
const COUNTS_EVERY_MS = 30_000;
const COLUMNS = ["Status", "Intent", "Action", "Account", "How it is known", "Run", "When"];

/** Return the view. */
export function executionsView(app, route) {
    const chosen = {
        status: LISTED.includes(route.query.status) ? route.query.status : undefined,
        account: route.query.account,
    };
    const overview = place("section", { class: "overview", "aria-label": "Counts" });
    const list = place("div", { class: "list" });
    const tokens = [undefined];
    let countedAt = 0;
    list.node.append(el("p", { class: "quiet" }, "Loading…"));

    async function count() {
        if (now() - countedAt < COUNTS_EVERY_MS) return;
        const counts = await api.counts();
        countedAt = now();
        overview.show({ ...counts, at: undefined }, () => [strip(counts, chosen), chart(counts)]);
    }

    async function read() {
        const page = await api.executions({
            status: chosen.status,
            account_id: chosen.account,
            limit: PAGE,
            next_token: tokens.at(-1),
        });
        list.show({ page: { ...page, next_token: Boolean(page.next_token) }, depth: tokens.length }, () => [
            page.executions.length === 0 ? nothing(chosen, page, tokens.length) : table(page.executions),
            pager(page.next_token),
        ]);
    }

    function turn(change) {
        return async () => {
            change();
            await app.refresh();
            list.node.querySelector("table, .empty")?.focus();
            app.say(`Page ${tokens.length}.`);
        };
    }

    function pager(next) {
        if (!next && tokens.length === 1) return null;
        return el(
            "nav",
            { class: "pager", "aria-label": "Pages" },
            button(
                "Newer",
                "newer",
                turn(() => tokens.pop()),
                { disabled: tokens.length === 1 },
            ),
            el("span", { class: "quiet" }, `Page ${tokens.length}`),
            button(
                "Older",
                "older",
                turn(() => tokens.push(next)),
                { disabled: !next },
            ),
        );
    }

    return {
        title: "Executions",
        node: el(
            "div",
            { class: "view" },
            el("h1", { tabindex: "-1" }, "Executions"),
            tools(app, chosen),
            overview.node,
            list.node,
        ),
        refresh: async (isAsked) => {
            if (isAsked) countedAt = 0;
            await Promise.all([read(), count()]);
        },
    };
}

function tools(app, chosen) {
    const status = choice("Status", "status", [["", "any"], ...LISTED.map((it) => [it, word(it)])], chosen.status);
    const accounts = [...new Set([...app.caller.accounts, chosen.account].filter(Boolean))];
    const account = choice("Account", "account", [["", "any"], ...accounts.map((it) => [it, it])], chosen.account);
    const apply = () => {
        location.hash = toExecutions({ status: status.select.value, account: account.select.value });
    };
    status.select.addEventListener("change", apply);
    account.select.addEventListener("change", apply);
    return el("div", { class: "filters" }, status.node, account.node, finder(app, chosen.account));
}

function choice(label, name, options, value) {
    const select = el(
        "select",
        { name, "data-key": name },
        options.map(([key, text]) => el("option", { value: key, selected: key === (value ?? "") }, text)),
    );
    return { select, node: el("label", {}, el("span", {}, label), select) };
}

function nothing(chosen, page, depth) {
    const text = page.next_token
        ? "Nothing that you may see stands on this page; older ones may follow."
        : depth > 1
          ? "There are no older executions."
          : chosen.status || chosen.account
            ? "No execution is like this."
            : "Nothing was executed yet. What is approved upstream appears here by itself.";
    const all = (chosen.status || chosen.account) && depth === 1 ? el("a", { href: toExecutions() }, "Show all") : null;
    return el("div", { class: "empty", tabindex: "-1" }, el("p", {}, text), all);
}

function table(rows) {
    const head = el(
        "tr",
        { role: "row" },
        COLUMNS.map((it) => el("th", { role: "columnheader", scope: "col" }, it)),
    );
    return el(
        "table",
        { class: "executions", role: "table", tabindex: "-1", "aria-label": "Executions, newest first" },
        el("thead", { role: "rowgroup" }, head),
        el("tbody", { role: "rowgroup" }, rows.map(row)),
    );
}

function row(it) {
    const address = toExecution(it.account_id, it.action_intent_id);
    const link = el(
        "a",
        { href: address, class: "id", "data-key": `row-${it.account_id}/${it.action_intent_id}` },
        given(it.action_intent_id),
    );
    const cells = [
        ["status", badge(it.status)],
        ["intent", link],
        ["action", el("span", { class: "action" }, given(it.action_type))],
        ["account", given(it.account_id)],
        ["known", known(it)],
        ["run", it.run === undefined ? "–" : String(it.run)],
        ["when", since(it.completed_at ?? it.started_at) ?? expiry(it)],
    ];
    return el(
        "tr",
        { role: "row" },
        cells.map(([name, child], place) =>
            el("td", { role: "cell", class: `c-${name}`, "data-label": COLUMNS[place] }, child),
        ),
    );
}

const expiry = (it) => (it.expires_at ? el("span", {}, "expires ", since(it.expires_at)) : "–");

/** Return how the outcome is known, or what went wrong. */
export function known(it) {
    const undone =
        it.compensation_status && it.compensation_status !== "NONE"
            ? el("span", { class: "tag" }, `undo ${it.compensation_status.toLowerCase()}`)
            : null;
    if (it.error_code) {
        return el(
            "span",
            { class: "error" },
            el("code", {}, given(it.error_code)),
            " ",
            given(it.error_message ?? "", { class: "quiet" }),
            undone,
        );
    }
    return el(
        "span",
        {},
        it.evidence ? el("code", {}, given(it.evidence)) : el("span", { class: "quiet" }, "–"),
        " ",
        undone,
    );
}
