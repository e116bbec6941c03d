"""The command line as people and scripts meet it; what `actonce run` does is in test_cli_runs."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.sqlite.database import Database
from core.domain.errors import KillSwitchEnabledError
from entrypoints.cli.main import COMMANDS, app
from entrypoints.container.building import build, close
from entrypoints.settings.loading import Overrides, load
from tests.architecture.sources import ROOT
from tests.integration.desk import ACTONCE, NAMED, Desk, an_open_desk, event, many, one, place_in
from tests.unit.entrypoints.installing import a_note, an_event


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return an_open_desk(tmp_path)


def test_a_tenant_that_nobody_opened_gets_nothing_and_a_retry_after_opening_succeeds(tmp_path: Path) -> None:
    (tmp_path / "actonce.toml").write_text("", encoding="utf-8")
    desk = Desk(tmp_path)
    assert one(desk.ok("run", desk.events(event()), "--json"))["error_code"] == "KILL_SWITCH_ENABLED"
    assert "actonce resume --tenant tenant-1" in desk.ok("doctor").replace("\n", " ")
    desk.ok("resume", "--tenant", "tenant-1")
    desk.ok("retry", "intent-1", *NAMED)
    assert one(desk.ok("run", "--json"))["status"] == "SUCCEEDED"
    assert desk.status()["run"] == 2


def test_stop_and_resume_are_seen_at_once_and_ledgered(desk: Desk) -> None:
    desk.ok("stop", "--tenant", "tenant-1", "--action-type", "CREATE_INTERNAL_NOTE", "--reason", "wrong owners")
    desk.ok("stop", "--global")
    assert {it["scope"] for it in many(desk.ok("switches", "--json"))} == {"GLOBAL", "ACTION_TYPE"}
    assert "every tenant" in desk.ok("switches")
    container = build(load(Overrides(config=desk.config), {}))
    try:
        with pytest.raises(KillSwitchEnabledError):
            container.board().check("tenant-1", "CREATE_INTERNAL_NOTE")
    finally:
        close(container)
    desk.ok("resume", "--global")
    desk.ok("resume", "--tenant", "tenant-1", "--action-type", "CREATE_INTERNAL_NOTE")
    entries = many(desk.ok("ledger", "export"))
    assert [it["event"] for it in entries] == ["KILL_SWITCH_CHANGED"] * 5
    assert "wrong owners" in entries[-2]["body"]
    assert '"operator":"ada"' in entries[-2]["body"]


def test_an_effect_is_undone_once_and_not_retried_while_it_stands(desk: Desk) -> None:
    desk.ok("run", desk.events(event()))
    refused = desk("retry", "intent-1", *NAMED)
    assert (refused.exit_code, refused.stdout) == (4, "")
    assert refused.stderr.startswith("actonce: Its effect is there.")
    desk.ok("undo", "intent-1", *NAMED, "--reason", "wrong customer")
    assert one(desk.ok("run", "--json"))["compensation_status"] == "COMPLETED"
    assert desk.objects() == 0
    assert desk("undo", "intent-1", *NAMED).exit_code == 4


def test_an_undo_while_stopped_must_be_asked_for(desk: Desk) -> None:
    desk.ok("run", desk.events(event()))
    desk.ok("stop", "--global")
    refused = desk("undo", "intent-1", *NAMED)
    assert refused.exit_code == 4
    assert "--while-stopped" in refused.stderr
    desk.ok("undo", "intent-1", *NAMED, "--while-stopped")
    assert one(desk.ok("run", "--json"))["compensation_status"] == "COMPLETED"


def test_a_cancelled_intent_is_never_carried_out(desk: Desk) -> None:
    container = build(load(Overrides(config=desk.config), {}))
    container.intents().put(a_note())
    close(container)
    assert desk.status()["status"] == "PENDING"
    assert "CANCELLED" in desk.ok("cancel", "intent-1", *NAMED)
    assert one(desk.ok("run", desk.events(event()), "--json"))["status"] == "CANCELLED"
    assert desk.objects() == 0


def test_status_and_timeline_show_the_evidence(desk: Desk) -> None:
    desk.ok("run", desk.events(event()))
    assert "RESPONSE" in desk.ok("status", "intent-1", *NAMED)
    shown = desk.ok("timeline", "intent-1", *NAMED)
    assert "EFFECT_PREPARED" in shown
    assert "verified" in shown
    assert "Call them" not in shown


def test_listing_is_newest_first_by_pages_and_by_status(desk: Desk) -> None:
    desk.ok("run", desk.events(*[event(n) for n in range(1, 6)]), "--workers", "1")
    desk.ok("run", desk.events(an_event(a_note(6, ""))))
    first = desk("list", "-t", "tenant-1", "--limit", "4", "--json")
    place = place_in(first.stderr)
    rest = desk("list", "-t", "tenant-1", "--limit", "4", "--json", "--place", place)
    names = [it["action_intent_id"] for it in many(first.stdout) + many(rest.stdout)]
    assert (names[0], sorted(names)) == ("intent-6", [f"intent-{n}" for n in range(1, 7)])
    assert rest.stderr == ""
    assert len(many(desk.ok("list", "-t", "tenant-1", "--status", "FAILED", "--json"))) == 1
    assert "no such executions" in desk.ok("list", "-t", "tenant-1", "-a", "account-2")
    assert "intent-3" in desk.ok("list", "-t", "tenant-1", "-a", "account-1")


def test_the_default_tenant_and_account_come_from_the_configuration(desk: Desk) -> None:
    desk.config.write_text('[defaults]\ntenant = "tenant-1"\naccount = "account-1"\n', encoding="utf-8")
    desk.ok("run", desk.events(event()))
    assert one(desk.ok("status", "intent-1", "--json"))["status"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("status", "intent-9", *NAMED), 3, "There is no intent intent-9"),
        (("timeline", "intent-9", *NAMED), 3, "There is no intent intent-9"),
        (("cancel", "intent-9", *NAMED), 3, "There is no intent"),
        (("retry", "intent-9", *NAMED), 3, "Nothing was executed"),
        (("status", "intent-1"), 2, "--account is missing"),
        (("status", "intent/1", *NAMED), 2, "The intent is not an id"),
        (("list",), 2, "--tenant is missing"),
        (("list", "-t", "tenant-1", "--status", "ODD"), 2, "--status is one of"),
        (("stop",), 2, "Say which switch"),
        (("stop", "--global", "--action-type", "A"), 2, "--action-type goes with --tenant"),
        (("run", "no-such-file.jsonl"), 2, "There is no file"),
        (("publish",), 2, "Name a JSON Lines file"),
        (("run", "--workers", "0"), 2, "run.workers"),
        (("registry", "check", "--registry", "/no-such-folder"), 2, "no such folder"),
    ],
)
def test_an_error_is_one_line_on_stderr_with_its_exit_code(
    desk: Desk, arguments: Sequence[str], code: int, said: str
) -> None:
    done = desk(*arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_looking_in_the_wrong_folder_makes_no_database(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["--db", str(tmp_path / "a.db"), "inbox"])
    assert done.exit_code == 2
    assert "There is no database" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("something else", encoding="utf-8")
    done = CliRunner().invoke(app, ["--db", str(tmp_path / "a.db"), "inbox"])
    assert done.exit_code == 2
    assert (tmp_path / "a.db").read_text(encoding="utf-8") == "something else"


def test_a_registry_version_is_applied_once_and_never_changed(desk: Desk) -> None:
    folder = desk.folder / "mine"
    folder.mkdir()
    text = (ROOT / "infra/terraform/registry/CREATE_INTERNAL_NOTE.v1.json").read_text(encoding="utf-8")
    (folder / "note.json").write_text(text, encoding="utf-8")
    assert "1 new, 0 there before" in desk.ok("registry", "apply", "--registry", str(folder))
    assert "0 new, 1 there before" in desk.ok("registry", "apply", "--registry", str(folder))
    (folder / "note.json").write_text(text.replace('"MINIMAL"', '"LOW"'), encoding="utf-8")
    assert "well formed" in desk.ok("registry", "check", "--registry", str(folder))
    for command in (("registry", "apply", "--registry", str(folder)), ("--registry", str(folder), "run")):
        done = desk(*command)
        assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
        assert "CREATE_INTERNAL_NOTE version 1" in done.stderr
    assert one(desk.ok("registry", "list", "--json"))["risk"] == "MINIMAL"
    assert "internal.create_note" in desk.ok("registry", "list")


def test_a_changed_ledger_is_found(desk: Desk) -> None:
    desk.ok("run", desk.events(event()))
    assert "Verified" in desk.ok("ledger", "verify")
    database = Database(desk.folder / "actonce.db")
    change = "UPDATE ledger SET body = replace(body, 'RESPONSE', 'OPERATOR')"
    database.write(lambda connection: connection.execute(change))
    database.close()
    done = desk("ledger", "verify")
    assert done.exit_code == 5
    assert "was changed" in done.stdout
    assert "BROKEN" in desk.ok("timeline", "intent-1", *NAMED)


def test_the_doctor_names_what_is_wrong_and_what_to_do(desk: Desk) -> None:
    with desk.config.open("a", encoding="utf-8") as config:
        config.write('[connectors.crm]\nkind = "mcp"\nurl = "http://127.0.0.1:9/mcp"\ntools = ["crm."]\n')
    done = desk("doctor")
    assert done.exit_code == 5
    assert "connector crm" in done.stdout
    assert "Start the server" in done.stdout


def test_every_command_says_what_it_is_for_with_an_example(desk: Desk) -> None:
    for name, _, _ in COMMANDS:
        shown = " ".join(desk.ok(name, "--help").split())
        assert f"actonce {name}" in shown.partition("Example:")[2], name
    for names in (("registry", "check"), ("registry", "apply"), ("registry", "list"), ("ledger", "verify")):
        assert "Example:" in desk.ok(*names, "--help")
    assert "Exit codes" in desk.ok("--help")


def test_sweep_reports_what_it_did(desk: Desk) -> None:
    assert desk.ok("sweep").strip() == "0 looked at, 0 left for the next sweep."


def test_the_inbox_is_empty_where_nothing_is_in_doubt(desk: Desk) -> None:
    assert "empty" in desk.ok("inbox")
    assert desk.ok("inbox", "--json") == ""


def test_a_store_that_cannot_be_opened_is_said_to_be_unavailable(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["--db", str(tmp_path), "run"])
    assert (done.exit_code, len(done.stderr.splitlines())) == (7, 1)


def test_what_nobody_foresaw_is_one_line_too(desk: Desk) -> None:
    database = Database(desk.folder / "actonce.db")
    database.write(lambda connection: connection.execute("DROP TABLE attempts"))
    database.close()
    command = [str(ACTONCE), "--config", str(desk.config), "inbox"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert "OperationalError" in done.stderr


def test_a_published_event_is_seen_and_can_be_cancelled_before_a_worker_claims_it(desk: Desk) -> None:
    desk.ok("publish", desk.events(event(1)))
    assert desk.status()["status"] == "PENDING"

    desk.ok("cancel", "intent-1", *NAMED)
    desk.ok("run")

    assert desk.status()["status"] == "CANCELLED"
    assert desk.objects() == 0
