"""The embedded servers survive what machines do to them."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from backoffice.adapters import embedded, embedded_account, embedded_folders

PATIENCE_SECONDS = 10


def postmaster(folder: Path) -> psutil.Process:
    """Find the server's main process."""
    return psutil.Process(int((folder / "postgres" / "postmaster.pid").read_text().split()[0]))


def wait_gone(process: psutil.Process) -> None:
    """Wait for the end of a process that is not our child."""
    process.wait(PATIENCE_SECONDS)


def test_app_role_owns_nothing_and_cannot_bypass_row_security(postgres: embedded.PostgresUrls) -> None:
    with postgres.connect("backoffice_app") as app:
        role = app.execute(
            "select rolsuper, rolbypassrls, rolcreatedb, rolcreaterole from pg_roles where rolname = current_user"
        ).fetchone()
        assert role == (False, False, False, False)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("create table stolen (id int)")


def test_owner_role_makes_tables_that_the_app_role_cannot_read_by_itself(database: embedded.PostgresUrls) -> None:
    with database.connect("backoffice_owner") as owner:
        owner.execute("create table kept (id int)")
    with database.connect("backoffice_app") as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("select * from kept")


def test_nothing_listens_on_the_network(postgres: embedded.PostgresUrls, valkey_url: str, server_folder: Path) -> None:
    with postgres.connect() as admin:
        assert admin.execute("show listen_addresses").fetchone() == ("",)
    with redis.Redis.from_url(valkey_url) as client:
        assert client.config_get("port") == {"port": "0"}
    for process in (postmaster(server_folder), psutil.Process(int((server_folder / "valkey/valkey.pid").read_text()))):
        assert [c for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN] == []
        assert process.uids().real != 0


def test_data_survives_a_clean_restart_and_a_killed_server(tmp_path: Path) -> None:
    urls = embedded.start_postgres(tmp_path)
    with urls.connect("backoffice_owner") as owner:
        owner.execute("create table facts (id int)")
        owner.execute("insert into facts values (1)")
    embedded.stop_postgres(tmp_path)
    assert not embedded.is_postgres_running(tmp_path)
    with embedded.start_postgres(tmp_path).connect("backoffice_owner") as owner:
        owner.execute("insert into facts values (2)")
    server = postmaster(tmp_path)
    server.kill()
    wait_gone(server)
    with embedded.embedded_postgres(tmp_path) as again, again.connect("backoffice_owner") as owner:
        assert owner.execute("select id from facts order by id").fetchall() == [(1,), (2,)]


def test_a_process_id_that_another_program_got_does_not_stop_the_start(tmp_path: Path) -> None:
    with embedded.embedded_postgres(tmp_path, is_durable=False):
        pid_file = tmp_path / "postgres" / "postmaster.pid"
        left_over = pid_file.read_text().splitlines()
    account = embedded_account.server_account(tmp_path / "postgres")
    with subprocess.Popen(["sleep", "60"], user=account.uid if account else None) as other:
        left_over[0] = str(other.pid)
        pid_file.write_text("\n".join(left_over) + "\n")
        with embedded.embedded_postgres(tmp_path, is_durable=False) as urls, urls.connect() as admin:
            assert admin.execute("select 1").fetchone() == (1,)
        assert other.poll() is None
        other.kill()


def test_an_interrupted_first_start_leaves_nothing_half_made(tmp_path: Path) -> None:
    (tmp_path / ".postgres-new" / "base").mkdir(parents=True)
    with embedded.embedded_postgres(tmp_path, is_durable=False) as urls, urls.connect() as admin:
        assert admin.execute("show server_version_num").fetchone() >= ("180000",)


def test_a_deep_data_folder_gets_a_short_private_socket_folder(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 90)
    with embedded.embedded_servers(deep) as servers:
        folder = embedded_folders.socket_folder(deep)
        assert folder.parent != deep
        assert folder.stat().st_mode & 0o077 == 0
        assert redis.Redis.from_url(servers.redis_url).ping()
    shutil.rmtree(folder)


def test_a_socket_folder_prepared_by_somebody_else_is_refused(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "run").symlink_to(elsewhere)
    with pytest.raises(embedded.CannotStart, match="belongs to another user"):
        embedded_folders.private_folder(tmp_path / "run", None)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another account")
def test_root_gives_its_account_a_way_through_a_private_folder_and_nobody_else(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with embedded.embedded_postgres(home / "data", is_durable=False):
        assert home.stat().st_mode & 0o007 == 0
        assert postmaster(home / "data").username() == embedded_account.ACCOUNT_NAME


def start_as(uid: int, gid: int, folder: Path) -> None:
    """Become an ordinary user for good and run both servers."""
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    try:
        urls = embedded.start_postgres(folder, is_tied=False)
        redis_url = embedded.start_valkey(folder, is_tied=False)
        with urls.connect() as admin, redis.Redis.from_url(redis_url) as client:
            answers = admin.execute("select 1").fetchone() == (1,) and client.ping()
        owners = {psutil.Process(int(p.read_text().split()[0])).uids().real for p in folder.glob("*/*.pid")}
    finally:
        embedded.stop_postgres(folder)
        embedded.stop_valkey(folder)
    sys.exit(0 if answers and owners == {uid} else 3)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_an_ordinary_user_runs_both_servers_as_themselves(
    tmp_path: Path, postgres: embedded.PostgresUrls, valkey_url: str
) -> None:
    account = embedded_account.server_account(tmp_path / "none")
    assert account
    folder = tmp_path / "theirs"
    folder.mkdir()
    os.chown(folder, *account.ids)
    embedded_account.let_through(folder / "data", account)
    child = multiprocessing.get_context("fork").Process(target=start_as, args=(*account.ids, folder / "data"))
    child.start()
    child.join(30)
    assert child.exitcode == 0


def test_servers_end_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from backoffice.adapters import embedded\n"
        "embedded.start_postgres(Path(sys.argv[1]), is_durable=False); embedded.start_valkey(Path(sys.argv[1]))\n"
        "print('up', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == "up\n"
        server = postmaster(tmp_path)
        parent.send_signal(signal.SIGKILL)
    wait_gone(server)
    give_up = time.monotonic() + PATIENCE_SECONDS
    while embedded.is_valkey_running(tmp_path) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert not embedded.is_valkey_running(tmp_path)


def test_a_command_joins_a_running_server_and_leaves_it_running(tmp_path: Path) -> None:
    with embedded.embedded_postgres(tmp_path, is_durable=False):
        first = postmaster(tmp_path).pid
        with embedded.embedded_postgres(tmp_path, is_durable=False):
            assert postmaster(tmp_path).pid == first
        assert embedded.is_postgres_running(tmp_path)
    assert not embedded.is_postgres_running(tmp_path)


def test_a_start_waits_for_a_server_that_is_just_ending(tmp_path: Path) -> None:
    """As after `kill -9` of the product: its server still writes out what it holds while the next start looks."""
    with embedded.start_postgres(tmp_path).connect() as admin:
        admin.execute("create table kept as select g, repeat('x', 500) from generate_series(1, 100000) g")
    old = postmaster(tmp_path)
    old.send_signal(signal.SIGINT)
    with embedded.embedded_postgres(tmp_path) as urls:
        assert postmaster(tmp_path).pid != old.pid
        with urls.connect() as admin:
            assert admin.execute("select count(*) from kept").fetchone() == (100_000,)
    assert not embedded.is_postgres_running(tmp_path)


def test_a_copy_of_a_migrated_database_holds_its_tables(database: embedded.PostgresUrls) -> None:
    with database.connect("backoffice_owner") as owner:
        owner.execute("create table migrated (id int)")
        owner.execute("grant select on migrated to backoffice_app")
    with embedded.throwaway_database(database, database.database) as copy, copy.connect("backoffice_app") as app:
        assert app.execute("select count(*) from migrated").fetchone() == (0,)
