// The console: one view at a time, read anew every few seconds, with what is stopped and what is in doubt above it.

import * as api from "./api.js";
import { isOpen } from "./dialog.js";
import { button, el, given, place, swap } from "./dom.js";
import { doubtView } from "./doubt.js";
import { executionsView } from "./executions.js";
import { listen, showKeys } from "./keys.js";
import { takeReturn } from "./provider.js";
import { parse, toExecutions } from "./routes.js";
import { caller, forget, takeToken, token } from "./session.js";
import { admit, finish, signIn } from "./signin.js";
import { openStop, stoppedBanner, switchesView } from "./switches.js";
import { clock, tick } from "./time.js";
import { executionView } from "./timeline.js";

const EVERY_MS = 10_000;
const SOON_MS = 1_500;
const HURRIED = 6;
const THEMES = { auto: "Auto", dark: "Dark", light: "Light" };
const VIEWS = { executions: executionsView, execution: executionView, "in-doubt": doubtView, switches: switchesView };
const FRAME = ["nav", "caller", "tools", "halt"];
const at = (id) => document.getElementById(id);
const main = at("main");

const app = { caller: caller(), refresh, failed, say, done };
const state = {
    view: null,
    isPaused: false,
    dueAt: 0,
    readAt: 0,
    hurried: 0,
    doubt: { count: 0, shown: "" },
    stopped: "",
    round: 0,
    isShown: false,
};
const nav = place("ul");
const tools = place("div", { class: "tools-in" });
const halt = place();
const stopped = place("div", { class: "stopped-in" });

function say(text) {
    at("said").replaceChildren(el("p", {}, given(text)));
}

function done(text) {
    say(text);
    state.hurried = HURRIED;
    state.stopped = "";
    refresh(true);
}

function navigate(isFirst) {
    at("said").replaceChildren();
    app.caller = caller();
    if (!token()) return askForToken("");
    const route = parse(location.hash);
    const make = VIEWS[route.view];
    state.isShown = false;
    main.setAttribute("aria-busy", "true");
    state.view = make ? make(app, route) : lost();
    document.title = `${state.view.title} · actonce`;
    swap(main, state.view.node);
    showFrame(route.view);
    scrollTo(0, 0);
    if (!isFirst) main.querySelector("h1")?.focus();
    return refresh();
}

function lost() {
    return {
        title: "Not a view",
        node: el(
            "div",
            { class: "view" },
            el("h1", { tabindex: "-1" }, "There is no such view"),
            el("p", {}, el("a", { href: toExecutions() }, "Executions")),
        ),
        refresh: async () => {},
    };
}

async function refresh(isAsked = false) {
    const { view } = state;
    if (!view) return;
    const round = ++state.round;
    state.dueAt = Infinity;
    try {
        await Promise.all([view.refresh(isAsked).then(() => shown(view)), readSwitches(), readDoubt()]);
        if (round === state.round) calm();
    } catch (fault) {
        if (round === state.round && view === state.view) failed(fault);
        if (!(fault instanceof api.Refused || fault instanceof api.NoAnswer)) throw fault;
    }
}

function shown(view) {
    if (view !== state.view) return;
    state.isShown = true;
    state.readAt = Date.now();
}

function calm() {
    main.removeAttribute("aria-busy");
    state.hurried = Math.max(0, state.hurried - 1);
    state.dueAt = Date.now() + (state.hurried > 0 ? SOON_MS : EVERY_MS);
    at("trouble").hidden = true;
    at("trouble").replaceChildren();
    showFrame(parse(location.hash).view);
}

async function readSwitches() {
    const { switches } = await api.switches();
    stopped.show(switches, () => stoppedBanner(app, switches));
    at("stopped").hidden = stopped.node.childElementCount === 0;
    const now = JSON.stringify(switches);
    if (state.stopped && state.stopped !== now) say("The kill switches changed.");
    state.stopped = now;
}

async function readDoubt() {
    const { executions, is_partial: isPartial } = await api.inDoubt();
    if (executions.length > state.doubt.count && state.isShown) say(`In doubt now: ${executions.length}.`);
    state.doubt = { count: executions.length, shown: executions.length + (isPartial ? "+" : "") };
}

function failed(fault) {
    main.removeAttribute("aria-busy");
    state.dueAt = Date.now() + Math.max(EVERY_MS, (fault.retryAfterS ?? 0) * 1000);
    if (fault.status === 401) {
        const had = token() !== "";
        forget();
        askForToken(had ? "The token is not taken: it is expired, or not meant for this service." : "");
        return;
    }
    const again = button("Try again", "again", () => (state.isShown ? refresh(true) : navigate(true)));
    if (!state.isShown) {
        swap(
            main,
            el(
                "div",
                { class: "view narrow" },
                el("h1", { tabindex: "-1" }, headline(fault)),
                el("p", { role: "alert" }, given(fault.message)),
                again,
                el("p", { class: "quiet" }, el("a", { href: toExecutions() }, "Executions")),
            ),
        );
        return;
    }
    if (fault.status === 404) {
        say(fault.message);
        return;
    }
    const old = `Shown is what was read at ${clock(state.readAt)}; it is tried again by itself.`;
    const text = `${headline(fault)}: ${fault.message} ${old}`;
    if (at("trouble").textContent.startsWith(text)) return;
    at("trouble").replaceChildren(el("p", { role: "alert" }, given(text)), again);
    at("trouble").hidden = false;
}

function headline(fault) {
    if (fault instanceof api.NoAnswer) return "No answer";
    return (
        {
            400: "Not understood",
            403: "Forbidden",
            404: "Not found",
            429: "Too many asks",
            503: "The store cannot be used now",
        }[fault.status] ?? "The service failed"
    );
}

function askForToken(told) {
    state.view = null;
    state.round += 1;
    state.stopped = "";
    main.removeAttribute("aria-busy");
    for (const id of [...FRAME, "stopped", "trouble"]) at(id).hidden = true;
    document.title = "Who calls? · actonce";
    swap(main, signIn(told, () => navigate()));
    main.querySelector("textarea").focus();
}

function showFrame(view) {
    for (const id of FRAME) at(id).hidden = false;
    nav.show([view, state.doubt], () => [
        link("executions", "Executions", view === "executions" || view === "execution"),
        link(
            "in-doubt",
            ["In doubt", state.doubt.count > 0 ? el("span", { class: "count" }, state.doubt.shown) : null],
            view === "in-doubt",
        ),
        link("switches", "Switches", view === "switches"),
    ]);
    const { name, tenant, role } = app.caller;
    at("caller").replaceChildren(
        el("span", {}, given(tenant)),
        " · ",
        given(name),
        " ",
        el("span", { class: "quiet" }, `(${role})`),
    );
    tools.show([state.isPaused, actonceTheme.now()], () => [
        el("span", { class: "read", id: "read" }),
        button(state.isPaused ? "Go on" : "Pause", "pause", pause, {
            class: "small",
            "aria-label": state.isPaused ? "Go on reading by itself" : "Pause reading by itself",
        }),
        button(THEMES[actonceTheme.now()], "theme", theme, {
            class: "small",
            "aria-label": `Theme: ${THEMES[actonceTheme.now()]}`,
        }),
        button("Keys", "keys", showKeys, { class: "small for-keyboards" }),
        button("Leave", "leave", leave, { class: "small", "aria-label": "Leave: forget the token" }),
    ]);
    halt.show(app.caller.acts, () =>
        app.caller.acts ? button("Stop…", "stop", () => openStop(app), { class: "stop" }) : [],
    );
    showRead();
}

function link(path, label, isHere) {
    return el(
        "li",
        {},
        el("a", { href: `#/${path}`, "data-key": `nav-${path}`, "aria-current": isHere ? "page" : null }, label),
    );
}

function showRead() {
    const read = at("read");
    if (!read) return;
    const text = `${state.isPaused ? "paused" : "read"}${state.readAt ? ` ${clock(state.readAt)}` : ""}`;
    if (read.textContent !== text) read.textContent = text;
}

function pause() {
    state.isPaused = !state.isPaused;
    showFrame(parse(location.hash).view);
    say(state.isPaused ? "Paused: nothing is read by itself." : "Reading by itself again.");
    if (!state.isPaused) refresh();
}

function theme() {
    actonceTheme.next();
    showFrame(parse(location.hash).view);
}

function leave() {
    forget();
    askForToken("");
}

function everySecond() {
    tick();
    const isDue = state.view && Date.now() >= state.dueAt;
    if (isDue && !state.isPaused && !document.hidden && !isOpen()) refresh();
}

async function comeBack(returned) {
    swap(main, el("p", { class: "quiet" }, "Signing in…"));
    const told = await finish(returned);
    if (told && !token()) return askForToken(told);
    navigate(true);
    if (told) say(told);
}

async function onHash() {
    await admit(takeToken());
    navigate();
}

function start() {
    at("nav").append(nav.node);
    at("tools").append(tools.node);
    at("halt").append(halt.node);
    at("stopped").append(stopped.node);
    at("skip").addEventListener("click", (event) => {
        event.preventDefault();
        main.focus();
    });
    const returned = takeReturn();
    const brought = takeToken();
    addEventListener("hashchange", onHash);
    listen({
        "/": () => (at("find") ? at("find").focus() : Object.assign(location, { hash: toExecutions() })),
        e: () => Object.assign(location, { hash: toExecutions() }),
        i: () => Object.assign(location, { hash: "#/in-doubt" }),
        s: () => Object.assign(location, { hash: "#/switches" }),
        r: () => refresh(true),
        p: pause,
    });
    setInterval(everySecond, 1000);
    return returned ? comeBack(returned) : admit(brought).then(() => navigate(true));
}

start();
