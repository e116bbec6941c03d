// The service's routes. They go through `call`: bounded in time, to this origin, with this tab's token.

import { token } from "./session.js";
import { learnClock } from "./time.js";

const BASE = new URL("../", import.meta.url);
const LIMIT_MS = 20_000;

/** The service answered, and the answer was no. */
export class Refused extends Error {
    constructor(status, message, code, retryAfterS) {
        super(message);
        this.status = status;
        this.code = code;
        this.retryAfterS = retryAfterS;
    }
}

/** No answer came, or none that can be read. Of a write nobody knows by this whether it was done. */
export class NoAnswer extends Error {}

const underWay = new Map();

/** Read; what is asked for twice at once is read once. */
function get(path, query) {
    const name = `${path}?${JSON.stringify(query ?? {})}`;
    const asked = underWay.get(name) ?? call("GET", path, { query }).finally(() => underWay.delete(name));
    underWay.set(name, asked);
    return asked;
}

async function call(method, path, { query = {}, body } = {}) {
    const url = new URL(path, BASE);
    for (const [name, value] of Object.entries(query)) {
        if (value !== undefined && value !== null && value !== "") url.searchParams.set(name, value);
    }
    const headers = { Accept: "application/json" };
    if (token()) headers.Authorization = `Bearer ${token()}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const response = await answered(url, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
    });
    learnClock(response.headers.get("Date"));
    const document = await read(response);
    if (response.ok) return document;
    throw refusal(response, document);
}

/** Return the answer to a request that is bounded in time and takes no cookie along; `who` is asked. */
export async function answered(url, request, who = "The service") {
    try {
        return await fetch(url, {
            ...request,
            cache: "no-store",
            credentials: "omit",
            redirect: "error",
            referrerPolicy: "no-referrer",
            signal: AbortSignal.timeout(LIMIT_MS),
        });
    } catch (fault) {
        const why =
            fault.name === "TimeoutError"
                ? `No answer within ${LIMIT_MS / 1000} seconds.`
                : `${who} cannot be reached.`;
        throw new NoAnswer(why, { cause: fault });
    }
}

async function read(response) {
    try {
        return await response.json();
    } catch (fault) {
        if (!response.ok) return {};
        throw new NoAnswer("The service gave an answer that cannot be read.", { cause: fault });
    }
}

function refusal(response, document) {
    const message = typeof document?.error === "string" ? document.error : document?.message;
    const told = typeof message === "string" ? message : `The service answered ${response.status}.`;
    const retryAfterS = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
    return new Refused(
        response.status,
        told,
        document?.error_code,
        Number.isNaN(retryAfterS) ? undefined : retryAfterS,
    );
}

const part = encodeURIComponent;
const one = (key, verb) => [`executions/${part(key.id)}/${verb}`, { account_id: key.account }];

/** Return a page of executions, newest first. */
export const executions = (query) => get("executions", query);

/** Return where one intent stands. */
export function status(key) {
    const [path, query] = one(key, "status");
    return get(path, query);
}

/** Return everything that happened to one intent. */
export function timeline(key) {
    const [path, query] = one(key, "timeline");
    return get(path, query);
}

/** Return what waits for an operator. */
export const inDoubt = () => get("in-doubt", { limit: 100 });

/** Return how many executions stand where, and when. */
export const counts = () => get("counts");

/** Return where a person signs in. */
export const signIn = () => get("console/sign-in.json");

/** Return the action types that are known. */
export const registry = () => get("registry");

/** Return the closed switches. */
export const switches = () => get("kill-switches");

/** Close or open a switch. */
export const setSwitch = (body) => call("PUT", "kill-switches", { body });

/** Return what an act would do; nothing is written. */
export function rehearse(act, key, body) {
    const [path, query] = one(key, act);
    return call("POST", path, { query: { ...query, dry_run: "true" }, body });
}

/** Do an operator's act. */
export function perform(act, key, body) {
    const [path, query] = one(key, act);
    return call("POST", path, { query, body });
}
