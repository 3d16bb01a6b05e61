"""The agent's graph, compiled once: prepare, reason, (act, (approve, act), evaluate, reason)*, (form), synthesize."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from coda.runs.execution.claimed import ClaimedRun
from coda.runs.execution.execution import Execution
from coda.runs.graph.nodes.act import act
from coda.runs.graph.nodes.approve import approve
from coda.runs.graph.nodes.evaluate import evaluate
from coda.runs.graph.nodes.form import form
from coda.runs.graph.nodes.prepare import prepare
from coda.runs.graph.nodes.reason import reason
from coda.runs.graph.nodes.synthesize import synthesize
from coda.runs.graph.state import RunState

AgentGraph = CompiledStateGraph[RunState, ClaimedRun, RunState, RunState]
Update = dict[str, Any]
Node = Callable[[RunState, Execution], Awaitable[Update]]


class GraphNode(Protocol):
    """A node as langgraph calls it."""

    def __call__(self, state: RunState, *, runtime: Runtime[ClaimedRun]) -> Awaitable[Update]:
        """One visit."""
        ...


def build_graph(saver: BaseCheckpointSaver[Any]) -> AgentGraph:
    """Compile the graph. Its context is a claimed run: `prepare` begins it, the other nodes get its execution."""
    graph = StateGraph(RunState, context_schema=ClaimedRun)
    graph.add_node("prepare", _prepare)
    graph.add_node("reason", _on_execution(reason))
    graph.add_node("approve", _on_execution(approve))
    graph.add_node("act", _on_execution(act))
    graph.add_node("evaluate", _on_execution(evaluate))
    graph.add_node("form", _on_execution(form))
    graph.add_node("synthesize", _on_execution(synthesize))
    graph.add_edge(START, "prepare")
    graph.add_edge("prepare", "reason")
    graph.add_conditional_edges("reason", _after_reason, ["act", "evaluate", "form", "synthesize"])
    graph.add_conditional_edges("act", _after_act, ["approve", "evaluate"])
    graph.add_edge("approve", "act")
    graph.add_edge("evaluate", "reason")
    graph.add_edge("form", "synthesize")
    graph.add_edge("synthesize", END)
    return graph.compile(checkpointer=saver)


async def _prepare(state: RunState, runtime: Runtime[ClaimedRun]) -> Update:  # noqa: ARG001 - a node's form
    return await prepare(runtime.context)


def _on_execution(node: Node) -> GraphNode:
    async def visit(state: RunState, *, runtime: Runtime[ClaimedRun]) -> Update:
        execution = runtime.context.execution
        if execution is None:
            raise AssertionError("the first node begins the run")
        return await node(state, execution)

    return visit


async def _after_reason(state: RunState) -> str:  # LangGraph hands a plain function to a thread
    if state["pending"]:
        return "act"
    if state.get("steered"):
        return "evaluate"
    return "form" if state.get("formless") else "synthesize"


async def _after_act(state: RunState) -> str:
    return "approve" if state.get("asks") else "evaluate"
