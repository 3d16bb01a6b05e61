"""Labels stay few, whatever names come."""

from prometheus_client import REGISTRY

from coda.observability.metrics import RUNS, BoundedNames, ModelNames


def test_names_beyond_the_limit_are_counted_together() -> None:
    label = BoundedNames(most=2)

    assert [label(name) for name in ("a", "b", "c", "a", "d")] == ["a", "b", "other", "a", "other"]


def test_counters_are_in_the_registry_that_is_served() -> None:
    before = REGISTRY.get_sample_value("coda_runs_total", {"status": "tested"}) or 0
    RUNS.labels(status="tested").inc()

    assert REGISTRY.get_sample_value("coda_runs_total", {"status": "tested"}) == before + 1


def test_providers_and_models_that_organizations_connected_are_not_named() -> None:
    names = ModelNames()
    names.come_from_environment(["openai"])

    assert names("openai", "gpt-x") == ("openai", "gpt-x")
    assert names("openai", None) == ("openai", "other")
    assert names("our-secret-project", "its-model") == ("connected", "other")
