"""Static checks of what is not started in a test: images, compose files, proxy examples, the list of settings."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from checks.env_example import FILE, render
from coda.core.settings import Settings

TOP = Path(__file__).resolve().parents[3]
COMPOSE = ("docker-compose.yml", "docker-compose.prod.yml")
DOCKERFILES = ("deploy/Dockerfile", "deploy/Dockerfile.dev")


def services(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((TOP / name).read_text())["services"]
    return found


def setting_names() -> set[str]:
    return set(re.findall(r"^# ([A-Z][A-Z0-9_]+)=", render(), re.MULTILINE))


class TestEnvExample:
    def test_lists_every_setting_and_nothing_else(self) -> None:
        assert FILE.read_text() == render()

    def test_its_defaults_are_the_defaults(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        lines = [line[2:] for line in render().splitlines() if re.match(r"# [A-Z][A-Z0-9_]+=.", line)]
        (tmp_path / ".env").write_text("\n".join(lines))
        monkeypatch.chdir(tmp_path)

        assert Settings(_env_file=".env") == Settings(_env_file=None)


@pytest.mark.parametrize("name", COMPOSE)
class TestCompose:
    def test_every_service_says_whether_it_is_healthy(self, name: str) -> None:
        for service, spec in services(name).items():
            is_ours = "build" in spec
            is_front = service in ("caddy",)
            assert is_ours or is_front or "healthcheck" in spec, service

    def test_names_only_settings_that_exist(self, name: str) -> None:
        known = setting_names() | {"CODA_UPSTREAM", "CODA_DOMAIN", "CODA_BACKEND"}
        for service, spec in services(name).items():
            given = {key for key in spec.get("environment", {}) if not key.startswith("POSTGRES_")}
            assert given <= known, (service, given - known)

    def test_what_is_built_and_mounted_is_there(self, name: str) -> None:
        for spec in services(name).values():
            build = spec.get("build")
            if build:
                text = (TOP / build["dockerfile"]).read_text()
                assert "target" not in build or f" AS {build['target']}\n" in text
            for mount in spec.get("volumes", []):
                if mount.startswith("./"):
                    assert (TOP / mount.split(":")[0]).exists(), mount

    def test_stores_are_not_open_to_the_network(self, name: str) -> None:
        for service in ("postgres", "redis"):
            assert "ports" not in services(name)[service]


@pytest.mark.parametrize("name", DOCKERFILES)
class TestDockerfile:
    def test_every_image_that_runs_is_not_root_and_tells_its_health(self, name: str) -> None:
        stages = re.split(r"^FROM ", (TOP / name).read_text(), flags=re.MULTILINE)[1:]
        running = [stage for stage in stages if re.search(r"^(CMD|ENTRYPOINT) ", stage, re.MULTILINE)]
        assert running
        for stage in running:
            assert re.search(r"^USER (?!root|0)", stage, re.MULTILINE)
            assert re.search(r"^HEALTHCHECK ", stage, re.MULTILINE)

    def test_copies_only_what_is_in_the_repository(self, name: str) -> None:
        for line in re.findall(r"^COPY (?!--from)(.*)$", (TOP / name).read_text(), re.MULTILINE):
            for source in line.split()[:-1]:
                assert (TOP / source).exists(), source

    def test_installs_locks_as_the_makefile_does(self, name: str) -> None:
        (whole,) = re.findall(r"^WHOLE := (.*)$", (TOP / "Makefile").read_text(), re.MULTILINE)
        lines = re.findall(r"pip install .*", (TOP / name).read_text())

        assert any("requirements-uv.lock" in line for line in lines)
        for line in lines:
            assert whole in line if ".lock" in line else "--no-deps" in line, line


class TestProxies:
    @pytest.mark.parametrize("name", ["deploy/caddy/Caddyfile", "deploy/nginx/coda.conf"])
    def test_streams_are_not_buffered(self, name: str) -> None:
        text = (TOP / name).read_text()
        assert "flush_interval -1" in text or "proxy_buffering off" in text


def kubernetes(kind: str) -> list[dict[str, Any]]:
    documents = yaml.safe_load_all((TOP / "deploy/kubernetes/coda.yaml").read_text())
    return [document for document in documents if document["kind"] == kind]


@pytest.mark.parametrize("deployment", kubernetes("Deployment"), ids=lambda document: document["metadata"]["name"])
class TestKubernetes:
    def environment(self, deployment: dict[str, Any]) -> dict[str, str]:
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        (shared,) = kubernetes("ConfigMap")
        return dict(shared["data"]) | {entry["name"]: entry["value"] for entry in container["env"]}

    def test_names_only_settings_that_exist(self, deployment: dict[str, Any]) -> None:
        given = self.environment(deployment)

        assert set(given) <= setting_names()

    def test_probes_ask_the_port_that_the_process_listens_on(self, deployment: dict[str, Any]) -> None:
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        (port,) = container["ports"]
        name = "CODA_PORT" if container["args"] == ["serve"] else "CODA_WORKER_PORT"
        probes = {kind: container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")}

        assert self.environment(deployment)[name] == str(port["containerPort"])
        assert {probe["port"] for probe in probes.values()} == {port["name"]}
        assert {kind: probe["path"] for kind, probe in probes.items()} == {
            "startup": "/healthz",
            "liveness": "/healthz",
            "readiness": "/readyz",
        }

    def test_there_is_time_to_drain(self, deployment: dict[str, Any]) -> None:
        pod = deployment["spec"]["template"]["spec"]
        given = self.environment(deployment)
        shutdown = {name: float(given.get(f"CODA_SHUTDOWN__{name}", 0)) for name in ("DELAY", "GRACE", "SPREAD")}
        before = pod["containers"][0].get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)

        assert pod["terminationGracePeriodSeconds"] >= before + sum(shutdown.values()) + 15

    def test_a_disruption_leaves_somebody(self, deployment: dict[str, Any]) -> None:
        labels = deployment["spec"]["selector"]["matchLabels"]
        (budget,) = [
            budget
            for budget in kubernetes("PodDisruptionBudget")
            if budget["spec"]["selector"]["matchLabels"] == labels
        ]

        assert 0 < budget["spec"]["minAvailable"] < deployment["spec"]["replicas"]
        assert labels.items() <= deployment["spec"]["template"]["metadata"]["labels"].items()
