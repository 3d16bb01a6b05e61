"""The transcript tells the model each thing once, in order, and a call as it is made."""

import pytest

from coda.context.assemble import AssembledContext
from coda.context.budget import Budget
from coda.context.plan import PromptPlan
from coda.context.prompt import Prompt
from coda.core.ids import new_id
from coda.llm.continuation import CONTINUE_REQUEST
from coda.llm.types import ChatMessage
from coda.runs.execution.calls import StoredCall
from coda.runs.execution.transcript import Transcript
from coda.tools.types import ToolOutcome
from tests.context.paths import segment

BUDGET = Budget(8_000, 1_000)
QUESTION = ChatMessage.of("user", "What is 2 + 2?")


def begun(*first_steers: str) -> Transcript:
    transcript = Transcript(first_steers=first_steers)
    segments = segment("system", ChatMessage.of("system", "Be kind.")), segment("question", QUESTION)
    transcript.begin(AssembledContext(Prompt(segments, BUDGET), PromptPlan(BUDGET, []), {}))
    return transcript


def told(transcript: Transcript) -> list[tuple[str, str]]:
    return [(message.role, message.text) for message in transcript.prompt().messages]


@pytest.fixture
def call() -> StoredCall:
    return StoredCall(new_id(), "call_0", "calculator", '{"expression": "2+2"}', 1)


class TestTranscript:
    def test_begins_with_the_question_and_what_was_thrown_in_first(self) -> None:
        transcript = begun("Be brief.")

        assert told(transcript) == [("system", "Be kind."), ("user", QUESTION.text), ("user", "Be brief.")]
        assert transcript.question_text == QUESTION.text

    def test_a_result_is_read_once(self, call: StoredCall) -> None:
        transcript = begun()
        transcript.add_words("", [call])
        call.outcome = ToolOutcome(True, "4", 1)

        transcript.add_result(call)
        transcript.add_result(call)

        assert told(transcript)[2:] == [("assistant", ""), ("tool", "4")]

    def test_a_changed_call_is_read_as_it_is_made(self, call: StoredCall) -> None:
        transcript = begun()
        other = StoredCall(new_id(), "call_1", "clock", "{}", 1)
        transcript.add_words("Let me see.", [call, other])

        transcript.rewrite_call(call, '{"expression": "2*2"}')

        said = transcript.prompt().messages[-1]
        assert [request.arguments for request in said.tool_calls] == ['{"expression": "2*2"}', "{}"]
        assert call.arguments == '{"expression": "2*2"}'

    def test_words_that_were_cut_are_followed_by_a_request_for_more(self) -> None:
        transcript = begun()
        transcript.restore_words("Two and two", ())
        transcript.restore_words("", ())
        transcript.restore_words("make four.", ())

        assert told(transcript)[2:] == [
            ("assistant", "Two and two"),
            ("user", CONTINUE_REQUEST),
            ("assistant", "make four."),
        ]

    def test_stored_turns_keep_their_calls_and_tell_which_were_made_before(self, call: StoredCall) -> None:
        transcript = begun()

        transcript.record_turn(1, [call], "tool_calls", is_earlier=True)
        transcript.record_turn(2, [], "stop")

        assert transcript.turns == {1: [call.id], 2: []}
        assert (transcript.calls[call.id], transcript.earlier_turns, transcript.finish) == (call, 1, "stop")
