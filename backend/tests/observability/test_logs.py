"""Log lines: one form, a trace id, no secrets, no local variables."""

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from coda.core.settings import LoggingSettings
from coda.observability.logs import configure_logging, current_trace_id

Lines = Callable[[], list[dict[str, object]]]


@pytest.fixture
def output() -> Iterator[io.StringIO]:
    """What is logged; the process's logging is put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield io.StringIO()
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
def lines(output: io.StringIO) -> Lines:
    configure_logging(LoggingSettings(format="json"), stream=output)
    return lambda: [json.loads(line) for line in output.getvalue().splitlines()]


def test_ours_and_our_libraries_lines_have_one_form(lines: Lines) -> None:
    structlog.get_logger("coda.test").info("run.started", run_id="r1")
    logging.getLogger("a.library").warning("it is %s", "late")

    ours, theirs = lines()
    assert (ours["event"], ours["level"], ours["run_id"]) == ("run.started", "info", "r1")
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("it is late", "warning", "a.library")
    assert str(ours["at"]).endswith("Z")


def test_a_line_carries_the_trace_that_it_was_written_in(lines: Lines) -> None:
    with TracerProvider().get_tracer("test").start_as_current_span("work"):
        structlog.get_logger().info("inside")
        expected = current_trace_id()
    structlog.get_logger().info("outside")

    inside, outside = lines()
    assert inside["trace_id"] == expected
    assert len(str(expected)) == 32
    assert "trace_id" not in outside
    assert trace.get_current_span().get_span_context().is_valid is False


@pytest.mark.parametrize(
    "fields",
    [
        {"password": "canary-7719"},
        {"headers": {"Authorization": "Bearer canary-7719-abcdefgh"}},
        {"note": "call with Bearer canary-7719-abcdefgh failed"},
        {"key": "sk-coda-canary-7719-abcdefgh"},
        {"detail": ["sk-canary-7719-abcdefgh"]},
        {"url": "postgresql://coda:canary-7719@db/coda"},
        {"api_key": "canary-7719"},
        {"refresh_token": "canary-7719"},
    ],
)
def test_secrets_never_show(lines: Lines, fields: dict[str, object]) -> None:
    structlog.get_logger().info("something", **fields)

    assert "canary-7719" not in json.dumps(lines())


def test_an_exception_shows_its_place_but_no_local_variables(lines: Lines) -> None:
    def fail() -> None:
        prompt = "canary-7719"
        raise ValueError(len(prompt))

    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("broken")

    (line,) = lines()
    assert "canary-7719" not in json.dumps(line).replace('prompt = \\"canary-7719\\"', "")
    assert "ValueError" in json.dumps(line)
    assert '"locals"' not in json.dumps(line)


def test_a_terminal_gets_readable_lines(output: io.StringIO) -> None:
    configure_logging(LoggingSettings(format="console"), stream=output)

    structlog.get_logger().info("run.started", run_id="r1")

    assert "run.started" in output.getvalue()
    assert "run_id=r1" in output.getvalue()


def test_lines_below_the_level_are_left_out(output: io.StringIO) -> None:
    configure_logging(LoggingSettings(format="json", level="WARNING"), stream=output)

    structlog.get_logger().info("too quiet")
    logging.getLogger("httpx").warning("a warning")

    assert "too quiet" not in output.getvalue()
    assert "a warning" in output.getvalue()
