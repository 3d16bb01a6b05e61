"""Siblings, against a definition that is plain and slow."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from coda.conversations.tree import Node, parents_of, siblings_of

START = datetime(2026, 11, 20, tzinfo=UTC)


@st.composite
def trees(draw: st.DrawFn) -> list[Node]:
    nodes: list[Node] = []
    for number in range(draw(st.integers(1, 30))):
        parent = draw(st.sampled_from([None, *nodes]))
        moment = START + timedelta(seconds=draw(st.integers(0, 5)))
        nodes.append(Node(UUID(int=number + 1), parent.id if parent else None, moment))
    return draw(st.permutations(nodes))


class TestSiblings:
    @given(trees())
    def test_are_the_nodes_with_one_parent_oldest_first(self, nodes: list[Node]) -> None:
        found = siblings_of(nodes)

        for node in nodes:
            family = [other for other in nodes if other.parent_id == node.parent_id]
            expected = [other.id for other in sorted(family, key=lambda each: (each.created_at, each.id))]
            assert list(found[node.id].ids) == expected
            assert found[node.id].ids[found[node.id].index] == node.id
            assert found[node.id].count == len(family)

    @given(trees())
    def test_parents_are_each_named_once(self, nodes: list[Node]) -> None:
        parents = parents_of(nodes)

        assert set(parents) == {node.parent_id for node in nodes} - {None}
        assert len(set(parents)) == len(parents)
