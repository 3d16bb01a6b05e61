"""What refusals and broken connections mean, in the words of many providers."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web

from coda.core.guarded_http import OutboundHttp
from coda.core.settings import LlmSettings
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.failures.http import status_error
from coda.llm.adapters.openai_wire import OpenAIWire
from coda.llm.errors import (
    AccessDenied,
    CallFailed,
    CertificateRefused,
    ContentRefused,
    ContextWindowExceeded,
    CreditExhausted,
    KeyRefused,
    ModelError,
    ModelNotFound,
    ProviderBusy,
    ProviderTimeout,
    ProviderUnavailable,
    ProviderUnreachable,
    RequestRejected,
    RequestTooLarge,
)
from tests.llm.asking import ask, question
from tests.simulators.tls import self_signed

ENDPOINT = Endpoint("http://provider.test", secret="sk-canary")


def error_of(status: int, body: Any, headers: dict[str, str] | None = None) -> ModelError:  # noqa: ANN401 - any JSON value
    raw = body.encode() if isinstance(body, str) else orjson.dumps(body)
    return status_error(status, raw, headers or {}, ENDPOINT)


def message(text: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    return {"error": {"message": text, **fields}}


TOO_LONG = (
    (400, message("This model's maximum context length is 8192 tokens. However, you requested 9000 tokens.",
                  code="context_length_exceeded"), 8192),
    (400, {"message": "Input is too long for requested model."}, None),
    (400, message("prompt is too long: 210000 tokens > 200000 maximum"), 200000),
    (422, {"error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` "
                    "tokens and 512 `max_new_tokens`", "error_type": "validation"}, 4096),
    (422, {"error": "Input validation error: `inputs` must have less than 4095 tokens. Given: 5000"}, 4095),
    (400, {"code": "Client specified an invalid argument", "error": "This model's maximum prompt length is 131072 but"
           " the request contains 217518 tokens."}, 131072),
    (400, message("The input (9000 tokens) is longer than the model's context length (4096 tokens)."), 4096),
    (400, {"code": "InvalidParameter", "message": "Range of input length should be [1, 30720]"}, 30720),
    (400, message("The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."), 1048576),
    (413, message("Request body too large for gpt-4o model. Max size: 8000 tokens."), None),
    (400, message("Please reduce the length of the messages or completion."), None),
    (400, message("Your request exceeded model token limit: 8192"), 8192),
    (400, message("the request exceeds the available context size, try increasing it"), None),
    (500, message("the request exceeds the available context size"), None),
    (400, {"error": {"message": "Provider returned error", "code": 400, "metadata": {
        "raw": '{"message":"context window exceeds limit (2013)"}', "provider_name": "MiniMax"}}}, None),
    (400, {"error": {"code": "1261", "message": "Prompt 超长"}}, None),
    (400, message("This endpoint's maximum context length is 163840 tokens. However, you requested 170000"), 163840),
    (400, {"object": "error", "message": "max_tokens must be at least 1, got -512.", "type": "BadRequestError"}, None),
    (400, message("exceeded model's max context window"), None),
    (400, message("The number of tokens in the input exceeds the configured limit"), None),
    (400, message("prompt tokens limit exceeded: 30000 > 16000"), 16000),
    (413, message("Payload Too Large", code="tokens_limit_reached"), None),
    (413, message("Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 9000",
                  code="rate_limit_exceeded"), 6000),
    (429, message("Request too large for m on tokens per min (TPM): Limit 10000, Requested 12000"), 10000),
    (400, {"detail": "Requested token count exceeds the model's maximum context length of 8192 tokens."}, 8192),
    (400, {"object": "error", "message": "Input length (9000) exceeds model's maximum context length (8192)."}, 8192),
    (502, message("Upstream error from Chutes: context length exceeded"), None),
)  # fmt: skip

OTHERS = (
    (400, message("image too large: 6 MB exceeds the maximum of 5 MB"), RequestRejected),
    (400, message("messages.0.content.1.image.source.base64: image exceeds 5 MB maximum"), RequestRejected),
    (400, message("max_tokens is too large: 100000. It supports at most 16384 completion tokens."), RequestRejected),
    (413, "<html>413 Request Entity Too Large</html>", RequestTooLarge),
    (413, message("Request exceeds the maximum size", type="request_too_large"), RequestTooLarge),
    (403, message("Country, region, or territory not supported", code="unsupported_country"), AccessDenied),
    (403, message("Your organization must be verified to use this model."), AccessDenied),
    (403, message("Your input was flagged by moderation"), ContentRefused),
    (403, message("Incorrect API key provided"), KeyRefused),
    (403, "", KeyRefused),
    (401, message("Bad key sk-canary"), KeyRefused),
    (402, message("Insufficient credits. Add more."), CreditExhausted),
    (400, message("Your credit balance is too low to access the API."), CreditExhausted),
    (403, message("Insufficient balance"), CreditExhausted),
    (429, message("You exceeded your current quota", code="insufficient_quota"), CreditExhausted),
    (429, message("You exceeded your current quota, please check your plan"), CreditExhausted),
    (429, message("Rate limit reached for m on tokens per min (TPM): Limit 10000, Used 9000, Requested 2000"),
     ProviderBusy),
    (400, message("Current token count exceeds your organization quota"), RequestRejected),
    (400, message("Failed to call a function.", code="tool_use_failed"), CallFailed),
    (408, "", ProviderUnavailable),
    (409, message("Conflict"), ProviderUnavailable),
    (400, {"code": "DataInspectionFailed", "message": "Input data may contain inappropriate content."}, ContentRefused),
    (400, message("The response was filtered", code="content_filter",
                  innererror={"code": "ResponsibleAIPolicyViolation"}), ContentRefused),
    (400, message("Model Not Exist"), ModelNotFound),
    (404, {"detail": "Not Found"}, ModelNotFound),
    (529, message("Overloaded", type="overloaded_error"), ProviderUnavailable),
    (503, "upstream connect error", ProviderUnavailable),
    (504, "<html>", ProviderTimeout),
    (400, {"detail": [{"loc": ["body", "seed"], "msg": "Input should be a valid integer"}]}, RequestRejected),
    (301, "", RequestRejected),
    (400, message("API key not valid. Please pass a valid API key.", status="INVALID_ARGUMENT"), KeyRefused),
    (400, {"error": "Incorrect API key provided: xa***. You can obtain an API key from the console."}, KeyRefused),
    (401, {"detail": "Invalid token"}, KeyRefused),
    (402, message("Insufficient Balance"), CreditExhausted),
    (403, message("Key limit exceeded (total limit)."), CreditExhausted),
    (400, message("Budget has been exceeded! Current cost: 10.0", type="budget_exceeded"), CreditExhausted),
    (429, {"detail": "You have exceeded the monthly included credits"}, CreditExhausted),
    (429, {"code": "1113", "message": "余额不足或无可用资源包,请充值。"}, CreditExhausted),
    (400, message("Content Exists Risk"), ContentRefused),
    (400, message("The request was rejected because it was considered high risk"), ContentRefused),
    (400, message("Output blocked by content filtering policy"), ContentRefused),
    (400, message("The model `x` has been decommissioned.", code="model_decommissioned"), ModelNotFound),
    (400, message("The model `x` is no longer available."), ModelNotFound),
    (410, message("This model has been deprecated"), ModelNotFound),
    (404, message("No allowed providers are available for the selected model.", code=404), ModelNotFound),
    (404, {"error": "model 'llama9' not found"}, ModelNotFound),
    (400, message("Model is not supported by any provider you have enabled."), ModelNotFound),
    (498, message("Flex tier capacity exceeded", code="capacity_exceeded"), ProviderBusy),
    (429, {"object": "error", "message": "Service tier capacity exceeded.", "code": "3505"}, ProviderBusy),
    (503, message("Loading model", type="unavailable_error", code=503), ProviderUnavailable),
    (500, {"error": "model requires more system memory (8.0 GiB) than is available (4.0 GiB)"}, ProviderUnavailable),
    (500, {"error": "llama runner process has terminated: exit status 2"}, ProviderUnavailable),
    (520, "<html>", ProviderUnavailable),
    (400, message("Thinking is enabled, budget tokens must be greater than 1024"), RequestRejected),
    (400, message("`temperature` is deprecated for this model."), RequestRejected),
    (400, {"error": {"code": "1214", "message": "messages 参数非法"}}, RequestRejected),
)  # fmt: skip


class TestWords:
    @pytest.mark.parametrize(("status", "body", "window"), TOO_LONG)
    def test_a_prompt_that_is_too_long(self, status: int, body: Any, window: int | None) -> None:  # noqa: ANN401 - any JSON value
        error = error_of(status, body)

        assert isinstance(error, ContextWindowExceeded)
        assert error.window == window

    @pytest.mark.parametrize(("status", "body", "kind"), OTHERS)
    def test_everything_else(self, status: int, body: Any, kind: type[ModelError]) -> None:  # noqa: ANN401 - any JSON value
        error = error_of(status, body)

        assert type(error) is kind
        assert "sk-canary" not in error.message

    @pytest.mark.parametrize(
        ("body", "says"),
        [
            ({"detail": [{"loc": ["body", "seed"], "msg": "should be an integer"}]}, "seed: should be an integer"),
            ({"error": {"error": {"message": "Inner."}}}, "Inner."),
            ({"errors": [{"message": "First."}]}, "First."),
            ([{"error": {"message": "Gemini's."}}], "Gemini's."),
            ({"Message": "Amazon's."}, "Amazon's."),
            ("plain words", "plain words"),
            ("{'broken': 'json\ud83d'}".encode("utf-8", "replace").decode(), "broken"),
        ],
    )
    def test_they_are_found_in_any_form(self, body: Any, says: str) -> None:  # noqa: ANN401 - any JSON value
        assert says in error_of(400, body).message

    def test_how_long_to_wait(self) -> None:
        assert error_of(429, message("Slow down"), {"Retry-After": "90"}).retry_after == 90


class TestConnections:
    async def test_a_certificate_that_nobody_vouches_for_is_named(self, http: OutboundHttp, tmp_path: Path) -> None:
        context, _ = self_signed(tmp_path)
        runner = web.AppRunner(web.Application())
        await runner.setup()
        await web.TCPSite(runner, "localhost", 0, ssl_context=context).start()
        endpoint = Endpoint(f"https://localhost:{runner.addresses[0][1]}/v1")
        try:
            with pytest.raises(CertificateRefused, match="self-signed"):
                await ask(OpenAIWire(http, endpoint, LlmSettings()), question("hi", model="m"))
        finally:
            await runner.cleanup()

    async def test_a_server_without_tls_is_named(self, http: OutboundHttp) -> None:
        runner = web.AppRunner(web.Application())
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        adapter = OpenAIWire(http, Endpoint(f"https://127.0.0.1:{runner.addresses[0][1]}/v1"), LlmSettings())
        try:
            with pytest.raises(CertificateRefused, match="http://"):
                await ask(adapter, question("hi", model="m"))
        finally:
            await runner.cleanup()

    async def test_a_name_that_nobody_knows_is_named(self, http: OutboundHttp) -> None:
        adapter = OpenAIWire(http, Endpoint("http://nowhere.invalid/v1"), LlmSettings())

        with pytest.raises(ProviderUnreachable, match="host name is not known"):
            await ask(adapter, question("hi", model="m"))
