// An operator's act: say why, see what it would do, then do it.

import * as api from "./api.js";
import { line, shown } from "./commands.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { fieldsOf } from "./fields.js";
import { failure, judged } from "./verdict.js";

/** What each act is called, and what it means. */
export const WORDS = {
    cancel: {
        verb: "Cancel",
        means: "It is kept from being sent. What is prepared already may be written, and is not cancelled.",
    },
    retry: { verb: "Retry", means: "A new run is opened for what is proved not to have happened. A worker sends it." },
    resolve: {
        verb: "Resolve",
        means: "You settle the doubt by your word. What the provider proves later outranks it.",
    },
    undo: {
        verb: "Undo",
        means: "What was written is removed by the tool that the registry names. A worker sends it.",
    },
};

/** Open the dialog of an act on the execution that a status document tells of. */
export function openAct(app, act, status) {
    openDialog(`${WORDS[act].verb}: ${status.action_intent_id}`, (close) => {
        const asking = new Asking(app, act, status, close);
        return [el("p", {}, WORDS[act].means), asking.form.node, asking.same];
    });
}

/** What was checked is what is done: whatever is typed after the check has to be checked again. */
class Asking {
    constructor(app, act, status, close) {
        Object.assign(this, { app, act, status, close, checked: null, typed: 0 });
        this.key = { id: status.action_intent_id, account: status.account_id };
        this.form = fieldsOf(act);
        this.same = el("p", { class: "quiet same" });
        this.verdict = el("div", { class: "verdict", role: "status", "aria-live": "polite" });
        this.check = el("button", { type: "submit", "data-key": "dialog-check" }, "Check first");
        this.sure = el(
            "button",
            {
                type: "button",
                "data-key": "dialog-confirm",
                class: "sure",
                disabled: true,
                on: { click: () => this.work(() => this.perform()) },
            },
            confirmed(act, {}),
        );
        this.form.node.append(this.verdict, el("div", { class: "buttons" }, this.check, this.sure));
        this.form.node.addEventListener("input", () => this.changed());
        this.form.node.addEventListener("submit", (event) => {
            event.preventDefault();
            this.work(() => this.rehearse());
        });
        this.tellSame();
    }

    tellSame() {
        const text = line(this.act, this.status, this.form.options());
        this.same.replaceChildren("The same on the command line: ", shown(text));
    }

    changed() {
        this.typed += 1;
        this.checked = null;
        this.sure.disabled = true;
        this.verdict.replaceChildren();
        this.tellSame();
    }

    async rehearse() {
        const body = this.form.body();
        const { typed } = this;
        const told = await api.rehearse(this.act, this.key, body);
        if (typed !== this.typed) return;
        this.checked = told.allowed ? body : null;
        this.sure.textContent = confirmed(this.act, body);
        this.verdict.replaceChildren(judged(told));
    }

    async perform() {
        const done = await api.perform(this.act, this.key, this.checked);
        this.close();
        this.app.done(done.told || `${WORDS[this.act].verb}: done.`);
    }

    async work(task) {
        this.check.disabled = this.sure.disabled = true;
        this.verdict.replaceChildren(el("p", { class: "quiet" }, "Asking…"));
        try {
            await task();
        } catch (fault) {
            this.checked = null;
            this.verdict.replaceChildren(failure(this.app, this.close, fault));
        } finally {
            this.check.disabled = false;
            this.sure.disabled = this.checked === null;
        }
        if (!this.sure.disabled) this.sure.focus();
        else if (document.activeElement === document.body) this.check.focus();
    }
}

function confirmed(act, body) {
    if (act !== "resolve") return `${WORDS[act].verb} it`;
    return body.happened === undefined
        ? "Resolve"
        : body.happened
          ? "Resolve: it happened"
          : "Resolve: it did not happen";
}
