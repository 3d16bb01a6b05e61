"""Token estimates against a real vocabulary."""

import importlib.util
from pathlib import Path
from time import thread_time

import pytest
import tiktoken
from hypothesis import given
from hypothesis import strategies as st

from coda.llm.estimate import estimate_tokens

SAMPLES = {
    "English": "Row-level security means that every query sees only the rows of its own organization. The policy "
    "stands under everything, so even a forgotten filter cannot leak a customer's data to somebody else.",
    "Portuguese": "A segurança em nível de linha significa que cada consulta só vê as linhas da sua própria "
    "organização. A política está por baixo de tudo, então mesmo um filtro esquecido não vaza dados de um cliente.",
    "Vietnamese": "Bảo mật cấp hàng có nghĩa là mỗi truy vấn chỉ thấy các hàng của tổ chức mình.",
    "German": "Sicherheit auf Zeilenebene bedeutet, dass jede Abfrage nur die Zeilen ihrer eigenen Organisation sieht. "
    "Auch ein vergessener Filter kann so keine Kundendaten preisgeben.",
    "Russian": "Безопасность на уровне строк означает, что каждый запрос видит только строки своей организации.",
    "Greek": "Η ασφάλεια σε επίπεδο γραμμής σημαίνει ότι κάθε ερώτημα βλέπει μόνο τις γραμμές του οργανισμού του.",  # noqa: RUF001 - Greek
    "Chinese": "行级安全意味着每个查询只能看到自己组织的行。该策略位于一切之下。因此即使忘记了过滤器也不会泄露数据。",
    "Japanese": "行レベルセキュリティとは、すべてのクエリが自分の組織の行だけを見ることを意味します。",
    "Korean": "행 수준 보안은 모든 쿼리가 자신의 조직에 속한 행만 볼 수 있음을 의미합니다.",
    "Arabic": "يعني الأمان على مستوى الصف أن كل استعلام يرى صفوف مؤسسته فقط.",
    "Hindi": "पंक्ति-स्तरीय सुरक्षा का अर्थ है कि प्रत्येक क्वेरी केवल अपने संगठन की पंक्तियाँ देखती है।",
    "Thai": "ความปลอดภัยระดับแถวหมายความว่าแต่ละคำสั่งค้นหาจะเห็นเฉพาะแถวขององค์กรของตนเองเท่านั้น",
    "Hebrew": "אבטחה ברמת השורה פירושה שכל שאילתה רואה רק את השורות של הארגון שלה.",
    "code": "async def find_own(self, session_id: UUID) -> ChatSession | None:\n"
    "    query = select(ChatSession).where(\n"
    "        ChatSession.org_id == self._scope.org_id,\n    )\n    return await self._db.scalar(query)\n",
    "JSON": '{"status":"optimal","objective":12.0,"values":{"x":4.0,"y":0.0},"gap":0.0,"binding":[{"name":"wood"}]}',
    "numbers": "1234567.89, 2345678.12, 98765.4321, 17.5, 2340, 409.5\n" * 5,
    "table": "| City | Population | Rent |\n|---|---:|---|\n| Lisbon | 545,796 | 1,200 |\n| Porto | 231,800 | 950 |\n",
    "emoji": "👍🎉😀🚀🔥✅",
}


MEGABYTE = 1_000_000


def of_size(sample: str, size: int) -> str:
    """So many bytes of it."""
    return sample * (size // len(sample.encode()) + 1)


def seconds(text: str) -> float:
    """Of the processor, at best."""
    taken = []
    for _ in range(5):
        began = thread_time()
        assert estimate_tokens(text) > MEGABYTE / 10
        taken.append(thread_time() - began)
    return min(taken)


@pytest.fixture(scope="module")
def vocabulary() -> tiktoken.Encoding:
    """cl100k_base, from the copy that LiteLLM brings along: no network."""
    package = importlib.util.find_spec("litellm")
    assert package is not None
    assert package.origin is not None
    with pytest.MonkeyPatch.context() as patch:
        folder = Path(package.origin).parent / "litellm_core_utils" / "tokenizers"
        patch.setenv("TIKTOKEN_CACHE_DIR", str(folder))
        return tiktoken.get_encoding("cl100k_base")


class TestEstimate:
    @pytest.mark.parametrize("kind", SAMPLES)
    def test_is_near_the_truth_and_rather_above_it(self, vocabulary: tiktoken.Encoding, kind: str) -> None:
        truth = len(vocabulary.encode(SAMPLES[kind]))

        assert 0.9 * truth <= estimate_tokens(SAMPLES[kind]) <= 1.6 * truth

    def test_nothing_is_nothing_and_anything_is_something(self) -> None:
        assert estimate_tokens("") == 0
        assert estimate_tokens("a") == 1

    @pytest.mark.parametrize("kind", ["signs", *SAMPLES])
    def test_megabytes_of_any_script_are_no_task_of_their_own(self, kind: str) -> None:
        plain = seconds(of_size("a word and ", MEGABYTE))
        sample = SAMPLES.get(kind, "> ")

        assert seconds(of_size(sample, MEGABYTE)) < 10 * plain + 0.005

    def test_halves_of_characters_count_too(self) -> None:
        assert estimate_tokens("\ud83d") == 1

    @given(st.text(max_size=200), st.text(max_size=200))
    def test_grows_with_the_text(self, left: str, right: str) -> None:
        both, apart = estimate_tokens(left + right), estimate_tokens(left) + estimate_tokens(right)

        assert both >= max(estimate_tokens(left), estimate_tokens(right))
        assert abs(both - apart) <= 2
