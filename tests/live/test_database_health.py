"""A connection at rest is asked whether it still lives, however many sockets the process holds."""

import resource
import socket

import pytest
from django.db import connection

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
PAST_SELECT = 1100


@pytest.fixture
def thousand_sockets():
    """So many that whatever is opened next has a number select() does not know."""
    connection.close()  # its own number would be free again
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, PAST_SELECT + 500), hard))
    held = [socket.socket() for _ in range(PAST_SELECT)]
    yield
    for one in held:
        one.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_connection_beyond_a_thousand_sockets_is_usable(committed_db, thousand_sockets):
    connection.close()
    connection.ensure_connection()
    assert connection.connection.fileno() > 1023
    assert connection.is_usable()


def test_a_connection_that_the_server_ended_is_not(committed_db):
    connection.close()
    connection.ensure_connection()
    ended = connection.connection.info.backend_pid
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])
    other.close()
    assert not connection.is_usable()
    connection.close()
