"""What is asked of an answer, and what only the server knows, on each wire: sent as it is, or refused by name."""

from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from coda.core.guarded_http import OutboundHttp
from coda.core.settings import LlmSettings
from coda.llm.adapters.demo import DemoModel
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.litellm import LiteLLMImport
from coda.llm.adapters.litellm_arguments import spoken_arguments
from coda.llm.adapters.ollama import Ollama
from coda.llm.adapters.ollama_body import chat_body as ollama_body
from coda.llm.adapters.openai_body import chat_body
from coda.llm.adapters.openai_wire import OpenAIWire
from coda.llm.adapters.streams import deltas_of
from coda.llm.dialects.dialect import Dialect
from coda.llm.errors import ImagesRefused, ModelError, ParameterRefused, RequestRejected
from coda.llm.params import asked_params
from coda.llm.types import ChatMessage, ChatRequest, ImageBlock, TextBlock, ToolSpec
from tests.llm.asking import WEATHER, ask
from tests.simulators.scripted import Reply, ScriptedServer, says

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}
FORM = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA, "strict": True}}
ASKED: dict[str, Any] = {
    "temperature": 0.5, "top_p": 0.9, "stop": ["END"], "seed": 7, "presence_penalty": 0.1, "frequency_penalty": 0.2,
    "reasoning_effort": "low", "response_format": FORM,
}  # fmt: skip
EXTRA: dict[str, Any] = {
    "user": "u1", "metadata": {"a": "b"}, "logit_bias": {"50256": -100}, "service_tier": "flex", "top_k": 40,
    "chat_template_kwargs": {"enable_thinking": False}, "guided_json": SCHEMA, "min_p": 0.05,
}  # fmt: skip
PIXEL = "iVBORw0KGgo="
PICTURE = ImageBlock(f"data:image/png;base64,{PIXEL}", "high")
FAR = ImageBlock("https://pictures.test/cat.png")


def request(*blocks: Any, **fields: Any) -> ChatRequest:  # noqa: ANN401 - blocks and fields of a request
    message = ChatMessage("user", blocks or (TextBlock("Hi"),))
    return ChatRequest("m", [message], is_strict=True, **fields)


class TestOpenAIWire:
    def test_all_of_it_goes_through_unchanged(self) -> None:
        body = chat_body(
            request(tools=[WEATHER], parallel_tool_calls=False, extra=EXTRA, max_output_tokens=9, **ASKED), Dialect()
        )

        assert body.items() >= {**ASKED, **EXTRA, "parallel_tool_calls": False, "max_tokens": 9}.items()

    def test_what_is_only_passed_on_cannot_change_what_is_accounted_for(self) -> None:
        extra = {"model": "dear", "messages": [], "stream": False, "stream_options": {}, "max_tokens": 10**6, "n": 50}
        body = chat_body(request(extra=extra, max_output_tokens=9), Dialect(max_tokens_field="max_completion_tokens"))

        assert (body["model"], body["stream"], body["max_completion_tokens"]) == ("m", True, 9)
        assert body["messages"][0]["content"] == "Hi"
        assert body["stream_options"] == {"include_usage": True}
        assert "max_tokens" not in body
        assert "n" not in body

    @pytest.mark.parametrize("strict", [None, True, False])
    def test_a_strict_tool_stays_strict(self, strict: bool | None) -> None:
        tool = ToolSpec("t", "d", SCHEMA, strict=strict)
        (sent,) = chat_body(request(tools=[tool]), Dialect())["tools"]

        assert sent["function"].get("strict") is strict

    def test_pictures_stand_where_they_stood(self) -> None:
        body = chat_body(request(TextBlock("This"), PICTURE, TextBlock("or this?"), FAR), Dialect())

        assert body["messages"][0]["content"] == [
            {"type": "text", "text": "This"},
            {"type": "image_url", "image_url": {"url": PICTURE.url, "detail": "high"}},
            {"type": "text", "text": "or this?"},
            {"type": "image_url", "image_url": {"url": FAR.url}},
        ]

    @pytest.mark.parametrize(
        ("status", "words"),
        [
            (400, "Invalid content type. image_url is only supported by certain models."),
            (400, "messages[0]: unknown variant `image_url`, expected `text`"),
            (400, "At most 0 image(s) may be provided in one prompt."),
            (400, "This model does not support image input"),
            (400, "m is not a multimodal model"),
            (404, "No endpoints found that support image input"),
            (500, "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj"),
            (500, "this model is missing data required for image input"),
        ],
    )
    async def test_a_model_that_sees_nothing_is_told_of(
        self, http: OutboundHttp, scripted: ScriptedServer, status: int, words: str
    ) -> None:
        scripted.begin(Reply.json({"error": {"message": words}}, status=status))
        adapter = OpenAIWire(http, Endpoint(f"{scripted.url}/v1"), LlmSettings())

        with pytest.raises(ImagesRefused) as refused:
            await ask(adapter, request(PICTURE))
        assert refused.value.details["param"] == "messages"
        assert not refused.value.is_retryable
        assert not refused.value.is_provider_fault

    @pytest.mark.parametrize(
        ("body", "param"),
        [
            ({"error": {"message": "Bad value.", "param": "logit_bias"}}, "logit_bias"),
            ({"detail": [{"loc": ["body", "seed"], "msg": "Input should be a valid integer"}]}, "seed"),
            ({"error": {"message": "`temperature` is deprecated for this model."}}, "temperature"),
            ({"error": {"message": "response_format json_schema is not supported"}}, "response_format"),
            ({"error": {"message": "m does not support tools"}}, "tools"),
        ],
    )
    async def test_a_refusal_names_the_parameter(
        self, http: OutboundHttp, scripted: ScriptedServer, body: dict[str, Any], param: str
    ) -> None:
        scripted.begin(Reply.json(body, status=400))
        adapter = OpenAIWire(http, Endpoint(f"{scripted.url}/v1"), LlmSettings())

        with pytest.raises(RequestRejected) as refused:
            await ask(adapter, request(tools=[WEATHER], **ASKED))
        assert refused.value.details["param"] == param

    async def test_what_is_required_is_an_error_and_the_rest_is_left_out(
        self, http: OutboundHttp, scripted: ScriptedServer
    ) -> None:
        def answer(body: dict[str, Any]) -> Reply:
            name = next((name for name in ("temperature", "response_format") if name in body), None)
            return says("Fine.") if name is None else Reply.json({"error": f"{name} is not supported"}, status=400)

        scripted.begin(answer=answer)
        adapter = OpenAIWire(http, Endpoint(f"{scripted.url}/v1"), LlmSettings())
        asked = replace(request(**ASKED), is_strict=False)

        assert (await ask(adapter, asked)).text == "Fine."
        with pytest.raises(RequestRejected) as refused:
            await ask(adapter, replace(asked, required=frozenset({"response_format"})))
        assert refused.value.details["param"] == "response_format"
        assert "temperature" not in scripted.bodies[-1]


class TestOllama:
    def test_all_that_it_knows_goes_where_it_has_it(self) -> None:
        extra = {"keep_alive": "1h", "options": {"num_gpu": 1, "seed": 1}}
        body = ollama_body(request(TextBlock("What?"), PICTURE, extra=extra, max_output_tokens=9, **ASKED), Dialect())

        assert body["options"] == {
            "num_gpu": 1, "num_predict": 9, "temperature": 0.5, "top_p": 0.9, "stop": ["END"], "seed": 7,
            "presence_penalty": 0.1, "frequency_penalty": 0.2,
        }  # fmt: skip
        assert (body["keep_alive"], body["format"], body["think"]) == ("1h", SCHEMA, "low")
        assert body["messages"] == [{"role": "user", "content": "What?", "images": [PIXEL]}]

    @pytest.mark.parametrize(("effort", "think"), [("none", False), ("minimal", "low"), ("xhigh", "high")])
    def test_efforts_have_its_names(self, effort: str, think: bool | str) -> None:
        assert ollama_body(request(reasoning_effort=effort), Dialect())["think"] == think

    @pytest.mark.parametrize("form", [{"type": "json_object"}, {"type": "json_schema"}])
    def test_a_form_without_a_schema_is_json(self, form: dict[str, str]) -> None:
        assert ollama_body(request(response_format=form), Dialect())["format"] == "json"

    def test_fields_of_the_connection_go_along(self) -> None:
        dialect = Dialect(extra_body={"keep_alive": -1, "options": {"num_gpu": 2}})
        body = ollama_body(request(seed=3), dialect)

        assert (body["keep_alive"], body["options"]) == (-1, {"num_gpu": 2, "seed": 3})

    @pytest.mark.parametrize(
        ("fields", "param"),
        [
            ({"tool_choice": "required", "tools": [WEATHER]}, "tool_choice"),
            ({"parallel_tool_calls": False, "tools": [WEATHER]}, "parallel_tool_calls"),
            ({"extra": {"logit_bias": {"1": 2}}}, "logit_bias"),
        ],
    )
    def test_what_it_cannot_do_is_refused_by_name(self, fields: dict[str, Any], param: str) -> None:
        with pytest.raises(ParameterRefused) as refused:
            ollama_body(request(**fields), Dialect())
        assert refused.value.details["param"] == param

    async def test_who_does_not_insist_is_told_what_was_left_out(
        self, http: OutboundHttp, scripted: ScriptedServer
    ) -> None:
        scripted.begin(Reply(['{"message": {"content": "Fine."}, "done": true}\n']))
        adapter = Ollama(http, Endpoint(f"{scripted.url}/api/chat"), LlmSettings())
        asked = replace(request(tools=[WEATHER], tool_choice="required"), is_strict=False)
        left_out = [name async for delta in deltas_of(adapter, asked) for name in delta.left_out]

        assert left_out == ["tool_choice"]
        assert "tools" in scripted.bodies[0]

    def test_it_fetches_no_pictures(self) -> None:
        with pytest.raises(ImagesRefused):
            ollama_body(request(FAR), Dialect())


@pytest.fixture(scope="module")
async def package() -> ModuleType:
    return await LiteLLMImport().module()


class TestLiteLLM:
    def test_what_a_provider_has_goes_through(self, package: ModuleType) -> None:
        asked = {name: value for name, value in ASKED.items() if name != "reasoning_effort"}
        extra = {"top_k": 40, "user": "u1", "metadata": {"a": "b"}, "store": False}
        arguments = spoken_arguments(
            package, "gemini", replace(request(extra=extra, **asked), model="gemini-2.5-flash"), Dialect()
        )

        assert arguments.items() >= {**asked, "top_k": 40}.items()
        assert "metadata" not in arguments

    @pytest.mark.parametrize(
        ("fields", "param"),
        [
            ({"seed": 7}, "seed"),
            ({"presence_penalty": 1.0}, "presence_penalty"),
            ({"extra": {"logit_bias": {"1": 2}}}, "logit_bias"),
            ({"extra": {"guided_json": SCHEMA}}, "guided_json"),
            ({"extra": {"api_base": "http://169.254.169.254"}}, "api_base"),
            ({"extra": {"base_url": "http://169.254.169.254"}}, "base_url"),
            ({"extra": {"mock_response": "free"}}, "mock_response"),
            ({"extra": {"anthropic_identity_token_file": "/etc/passwd"}}, "anthropic_identity_token_file"),
        ],
    )
    def test_what_it_would_drop_or_take_for_its_own_is_refused(
        self, package: ModuleType, fields: dict[str, Any], param: str
    ) -> None:
        with pytest.raises(ParameterRefused) as refused:
            spoken_arguments(package, "anthropic", replace(request(**fields), model="claude-sonnet-4-5"), Dialect())
        assert refused.value.details["param"] == param

    def test_fields_of_a_connection_cannot_set_the_package_itself(self, package: ModuleType) -> None:
        dialect = Dialect(extra_body={"base_url": "http://169.254.169.254", "mock_response": "free", "top_k": 5})
        arguments = spoken_arguments(package, "anthropic", replace(request(), model="claude-sonnet-4-5"), dialect)

        assert arguments["top_k"] == 5
        assert not {"base_url", "mock_response"} & arguments.keys()

    def test_it_fetches_no_pictures_by_itself(self, package: ModuleType) -> None:
        with pytest.raises(ImagesRefused):
            spoken_arguments(package, "anthropic", request(FAR), Dialect())
        assert spoken_arguments(package, "anthropic", request(PICTURE), Dialect())["messages"]


class TestDemo:
    @pytest.mark.parametrize(
        ("fields", "param"), [({"response_format": FORM}, "response_format"), ({"stop": ["x"]}, "stop")]
    )
    async def test_what_rules_cannot_do_is_refused(self, fields: dict[str, Any], param: str) -> None:
        with pytest.raises(ModelError) as refused:
            await ask(DemoModel(0), request(**fields))
        assert refused.value.details["param"] == param
        assert (await ask(DemoModel(0), replace(request(**fields), is_strict=False))).text


def test_stored_parameters_become_those_of_a_request() -> None:
    assert asked_params({"seed": 0, "temperature": None, "colour": "red", "stop": ["x"]}) == {"seed": 0, "stop": ["x"]}
