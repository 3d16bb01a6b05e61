"""Every setting of Coda, read once from the environment and `.env`, and passed down."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def default_data_dir() -> Path:
    """`/var/lib/coda` for root, else `~/.local/share/coda`."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/coda")
    return Path.home() / ".local" / "share" / "coda"


def _seconds(value: object) -> object:
    """A plain number in the environment is a number of seconds."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


Duration = Annotated[timedelta, BeforeValidator(_seconds)]


class RunSettings(BaseModel):
    """How answers are produced: leases, caps, batching."""

    lease: Duration = Field(
        default=timedelta(seconds=15), description="A run whose worker was silent this long may be taken over."
    )
    heartbeat: Duration = Field(default=timedelta(seconds=5), description="How often a worker renews its leases.")
    max_attempts: int = Field(default=3, ge=1, description="Tries of one run before it fails for good.")
    concurrency: int = Field(default=200, ge=1, description="Runs that one worker process drives at once.")
    max_per_user: int = Field(default=50, ge=1, description="Runs of one person at work at once; more wait queued.")
    max_queued: int = Field(
        default=5_000, ge=1, description="Runs that wait for a worker, of everybody, before a new one is refused."
    )
    max_queued_per_user: int = Field(
        default=200, ge=1, description="Runs of one person that wait before a new one is refused."
    )
    flush_interval: Duration = Field(
        default=timedelta(milliseconds=30),
        description="Longest wait of a streamed token before it is stored and sent; up to thrice when many stream.",
    )
    max_steps: int = Field(default=12, ge=1, description="Model calls in one answer before it is stopped.")
    max_tool_calls: int = Field(default=32, ge=1, description="Tool calls in one answer before it is stopped.")
    parallel_tool_calls: int = Field(default=4, ge=1, description="Tool calls of one answer that are made at once.")
    max_text_characters: int = Field(
        default=500_000, ge=1_000, description="Characters of text in one answer before it is stopped."
    )
    max_reasoning_characters: int = Field(
        default=500_000, ge=1_000, description="Characters of reasoning in one answer before it is stopped."
    )
    max_argument_characters: int = Field(
        default=1_000_000, ge=1_000, description="Characters of all tool calls in one answer before it is stopped."
    )
    max_same_call: int = Field(default=3, ge=1, description="Identical tool calls in one answer before it is stopped.")
    max_duration: Duration = Field(
        default=timedelta(minutes=10), description="A run still working after this long is stopped."
    )
    max_cost_usd: float = Field(default=5.0, gt=0, description="Cost of one answer, in USD, at which it is stopped.")
    pause_grace: Duration = Field(
        default=timedelta(seconds=30),
        description="How long a pause only holds the stream back; a longer one interrupts the run at its next step.",
    )
    approval_kept: Duration = Field(
        default=timedelta(days=7),
        description="How long a tool call waits for a person to allow it; then it fails and its answer ends.",
    )
    model_titles: bool = Field(
        default=True, description="Ask a new chat's own model for a short title; off: the question's first sentence."
    )
    events_kept: Duration = Field(
        default=timedelta(minutes=10), description="How long a finished run's single events are kept."
    )


class ShutdownSettings(BaseModel):
    """How a process ends after SIGTERM; all three together must fit into what its supervisor allows."""

    delay: Duration = Field(
        default=timedelta(0),
        description="How long a server that is not ready any more still takes connections, for balancers to notice.",
    )
    grace: Duration = Field(
        default=timedelta(seconds=8),
        description="How long model streams and requests may go on; then a run is handed to another worker.",
    )
    spread: Duration = Field(
        default=timedelta(seconds=5), description="Longest time over which open sockets are sent away."
    )


class IdentitySettings(BaseModel):
    """Sign-in: token lifetimes and throttling."""

    access_token_lifetime: Duration = Field(default=timedelta(minutes=15), description="Life of a JWT access token.")
    refresh_token_lifetime: Duration = Field(default=timedelta(days=30), description="Life of an idle refresh token.")
    link_lifetime: Duration = Field(default=timedelta(days=7), description="Life of a set-up, invite or reset link.")
    attempts_per_account: int = Field(default=10, ge=1, description="Failed sign-ins per account in 15 minutes.")
    attempts_per_address: int = Field(default=50, ge=1, description="Failed sign-ins per address in 15 minutes.")


class RateLimitSettings(BaseModel):
    """Requests and tokens per minute; 0: no limit. Nobody who works by hand comes near the defaults."""

    requests_per_person: int = Field(default=12_000, ge=0, description="Requests and commands of one person a minute.")
    requests_per_key: int = Field(default=12_000, ge=0, description="Requests of one API key a minute.")
    requests_per_organization: int = Field(
        default=120_000, ge=0, description="Requests and commands of one organization a minute."
    )
    requests_per_address: int = Field(
        default=24_000, ge=0, description="Requests from one address a minute; this machine is not counted."
    )
    tokens_per_person: int = Field(
        default=50_000_000, ge=0, description="Tokens that models read and write for one person a minute."
    )
    tokens_per_key: int = Field(
        default=50_000_000, ge=0, description="Tokens that models read and write for one API key a minute."
    )
    tokens_per_organization: int = Field(
        default=500_000_000, ge=0, description="Tokens that models read and write for one organization a minute."
    )


class ToolSettings(BaseModel):
    """Tools: limits, and which of them ask first."""

    timeout: Duration = Field(default=timedelta(seconds=30), description="A tool call still working then is failed.")
    workers: int = Field(
        default=2, ge=1, le=64, description="Child processes for heavy tools (optimisation, tables) of one process."
    )
    worker_memory_mb: int = Field(
        default=2_048, ge=256, description="Address space of one of these children; a call that needs more is failed."
    )
    concurrency: int = Field(default=16, ge=1, description="Tool calls that one process makes at once.")
    max_result_bytes: int = Field(default=200_000, ge=1_000, description="A larger tool result is refused.")
    need_approval: str | None = Field(
        default=None, description="Comma-separated names of tools that a person has to allow before each call."
    )
    servers: SecretStr | None = Field(
        default=None,
        description='MCP servers that workers start, as JSON: {"time": {"command": "uvx", "args": [], "env": {}}}.',
    )
    server_idle: Duration = Field(
        default=timedelta(minutes=5), description="An MCP server that Coda started ends when unused for this long."
    )
    server_memory_mb: int = Field(default=2_048, ge=64, description="Memory of each of its processes (Linux).")
    server_files: int = Field(default=1_024, ge=16, description="Files that each of its processes may have open.")
    server_processes: int | None = Field(
        default=None,
        ge=1,
        description="Processes and threads that Coda's user may have when it starts one; unset: any.",
    )


class CacheSettings(BaseModel):
    """Results of tools that are kept, so that they are not made twice."""

    store: Literal["postgres", "redis", "memory"] = Field(
        default="postgres", description="Where they are kept; `memory`: only until a process ends, each its own."
    )
    memory_mb: int = Field(default=32, ge=1, description="What one process keeps of them in memory.")
    most_bytes_per_organization: int = Field(
        default=256_000_000, ge=1_000_000, description="The oldest go beyond it, within minutes (in Postgres)."
    )


class LlmSettings(BaseModel):
    """Model calls: time limits and retries."""

    connect_timeout: Duration = Field(default=timedelta(seconds=10), description="Longest wait for a connection.")
    first_token_timeout: Duration = Field(
        default=timedelta(minutes=5),
        description="Longest wait for a model's first token; the prompt is not sent again.",
    )
    idle_timeout: Duration = Field(
        default=timedelta(seconds=90),
        description="Longest silence of a model that has begun before the call is failed.",
    )
    max_tries: int = Field(default=3, ge=1, description="Tries of one model call before its first token.")
    discovery_interval: Duration = Field(default=timedelta(seconds=60), description="Time between listings of models.")
    price_file: Path | None = Field(
        default=None, description="JSON of own prices by model id; they go before the built-in price book."
    )
    proxy: str | None = Field(
        default=None, description="URL of an HTTP proxy to the providers of the environment, but those on this machine."
    )
    authority_file: Path | None = Field(
        default=None,
        description="Certificates in PEM that the providers of the environment may have too.",
    )
    probe_ollama: bool = Field(default=True, description="Look for Ollama on this machine where OLLAMA_HOST is unset.")
    demo_tokens_per_second: int = Field(
        default=80, ge=0, description="Speed of the demo model; 0: as fast as possible (for tests)."
    )
    ollama_max_window: int = Field(default=32_768, ge=2_048, description="Largest context window asked of Ollama.")


class JobSettings(BaseModel):
    """Background jobs: how many, how long, how often."""

    concurrency: int = Field(default=4, ge=2, description="Background jobs that one process does at once.")
    timeout: Duration = Field(
        default=timedelta(minutes=10), description="A job still working after this long counts as a failed try."
    )
    max_tries: int = Field(default=5, ge=1, description="Tries of one job before it is kept as failed.")
    retry_delay: Duration = Field(
        default=timedelta(seconds=5), description="Pause before the second try; each further one is twice as long."
    )
    poll: Duration = Field(
        default=timedelta(seconds=5), description="How often a process looks for jobs that it was not told of."
    )
    silence: Duration = Field(
        default=timedelta(seconds=20), description="A job whose process was silent this long runs again elsewhere."
    )
    done_kept: Duration = Field(default=timedelta(days=2), description="How long done jobs stay to be seen.")
    failed_kept: Duration = Field(default=timedelta(days=30), description="How long failed jobs wait for a retry.")


class FileSettings(BaseModel):
    """Files that people upload: where their bytes are, and how many they may be."""

    url: SecretStr | None = Field(
        default=None,
        description="Object store, as s3://bucket/folder, gs:// or az://; its own variables (AWS_*, GOOGLE_*, AZURE_*)"
        " say how to sign in. Unset: the folder `files` in the data folder.",
    )
    max_bytes: int = Field(default=50 * 1024 * 1024, ge=1, description="Bytes of one file.")
    max_bytes_per_organization: int = Field(
        default=10 * 1024**3, ge=1, description="Bytes of all files of one organization; copies of pictures are free."
    )
    upload_lifetime: Duration = Field(
        default=timedelta(days=1), description="How long an upload waits for its next piece."
    )
    unused_kept: Duration = Field(
        default=timedelta(days=7), description="How long a file is kept that no message shows, or shows any more."
    )
    pictures_at_once: int = Field(default=2, ge=1, description="Files that one process examines at once.")


class LoggingSettings(BaseModel):
    """What is logged and how."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="Least level shown.")
    format: Literal["auto", "json", "console"] = Field(
        default="auto", description="`auto`: readable on a terminal, JSON elsewhere."
    )


class Settings(BaseSettings):
    """Coda's configuration; nested groups are set as `CODA_RUNS__MAX_STEPS`."""

    model_config = SettingsConfigDict(
        env_prefix="CODA_",
        env_nested_delimiter="__",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        populate_by_name=True,
    )

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    worker_port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="Port of a worker's /healthz, /readyz and /metrics; unset: a worker listens nowhere.",
    )
    public_url: str | None = Field(
        default=None, description="Address that people type; rules Origin, links and cookie flags."
    )
    trusted_proxies: str | None = Field(
        default=None, description="Comma-separated addresses or networks whose X-Forwarded-* headers are believed."
    )
    cors_origins: str | None = Field(
        default=None,
        description="Comma-separated origins whose pages may call /v1, or `*` for every one; unset: none may.",
    )
    max_connections_per_address: int = Field(
        default=1_000,
        ge=1,
        description="Connections of one address at once; this machine and the trusted proxies are not counted.",
    )
    data_dir: Path = Field(default_factory=default_data_dir, description="Folder of everything Coda keeps.")
    database_url: SecretStr | None = Field(
        default=None, description="Postgres 15+ with pgvector; unset: an embedded Postgres in the data folder."
    )
    database_direct_url: SecretStr | None = Field(
        default=None, description="The same database past a connection pooler, for LISTEN and migrations."
    )
    database_migration_url: SecretStr | None = Field(
        default=None, description="A login that may create roles, where the normal one may not."
    )
    database_pool_size: int = Field(default=12, ge=2, description="Database connections per process and role.")
    database_timeout: Duration = Field(
        default=timedelta(seconds=15), description="A database that has not answered by then counts as away."
    )
    redis_url: SecretStr | None = Field(default=None, description="Redis or Valkey; unset: everything in one process.")
    secret_key: SecretStr | None = Field(
        default=None, description="Signs tokens and seals provider keys; embedded mode makes one in the data folder."
    )
    default_model: str | None = Field(default=None, description="Model for a new chat, as provider/name.")
    metrics_token: SecretStr | None = Field(
        default=None, description="Bearer token for /metrics; unset: only loopback may read it."
    )
    admin_email: str | None = Field(default=None, description="First administrator, made on an empty database.")
    admin_password: SecretStr | None = Field(default=None, description="Password of the first administrator.")
    static_dir: Path | None = Field(default=None, description="Built web app; unset: found beside the package.")

    openai_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("OPENAI_API_KEY"),
        description="Key of OpenAI, or of the server at OPENAI_BASE_URL.",
    )
    openai_base_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("OPENAI_BASE_URL"),
        description="Another server that speaks OpenAI's wire.",
    )
    anthropic_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("ANTHROPIC_API_KEY"), description="Key of Anthropic."
    )
    anthropic_base_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("ANTHROPIC_BASE_URL"),
        description="Another address of Anthropic's interface.",
    )
    gemini_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("GEMINI_API_KEY"), description="Key of Google's Gemini."
    )
    gemini_base_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("GEMINI_BASE_URL"),
        description="Another address of Gemini's interface.",
    )
    openrouter_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("OPENROUTER_API_KEY"), description="Key of OpenRouter."
    )
    openrouter_base_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("OPENROUTER_BASE_URL"),
        description="Another address of OpenRouter's interface.",
    )
    azure_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("AZURE_API_KEY"), description="Key of Azure OpenAI."
    )
    azure_api_base: str | None = Field(
        default=None,
        validation_alias=AliasChoices("AZURE_API_BASE"),
        description="Address of the Azure OpenAI resource.",
    )
    azure_api_version: str | None = Field(
        default=None, validation_alias=AliasChoices("AZURE_API_VERSION"), description="Version of Azure's interface."
    )
    azure_deployments: str | None = Field(
        default=None,
        validation_alias=AliasChoices("AZURE_DEPLOYMENTS"),
        description="Comma-separated names of the deployments to offer.",
    )
    ollama_host: str | None = Field(
        default=None,
        validation_alias=AliasChoices("OLLAMA_HOST"),
        description="Address of Ollama; localhost:11434 is looked at anyway.",
    )
    otlp_endpoint: str | None = Field(
        default=None,
        validation_alias=AliasChoices("OTEL_EXPORTER_OTLP_ENDPOINT"),
        description="OpenTelemetry collector (OTLP over HTTP) for traces.",
    )

    runs: RunSettings = RunSettings()
    shutdown: ShutdownSettings = ShutdownSettings()
    identity: IdentitySettings = IdentitySettings()
    rate_limits: RateLimitSettings = RateLimitSettings()
    tools: ToolSettings = ToolSettings()
    cache: CacheSettings = CacheSettings()
    llm: LlmSettings = LlmSettings()
    jobs: JobSettings = JobSettings()
    files: FileSettings = FileSettings()
    logging: LoggingSettings = LoggingSettings()

    @field_validator("*", mode="before")
    @classmethod
    def _blank_is_unset(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value
