"""The agent's graph, compiled once: prepare, reason, ((approve), act, evaluate, reason)*, synthesize."""

from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from coda.runs.execution.context import RunContext
from coda.runs.graph.nodes.act import act
from coda.runs.graph.nodes.approve import approve
from coda.runs.graph.nodes.evaluate import evaluate
from coda.runs.graph.nodes.prepare import prepare
from coda.runs.graph.nodes.reason import reason
from coda.runs.graph.nodes.synthesize import synthesize
from coda.runs.graph.state import RunState

AgentGraph = CompiledStateGraph[RunState, RunContext, RunState, RunState]


def build_graph(saver: BaseCheckpointSaver[Any]) -> AgentGraph:
    """Compile the graph; what a run needs reaches its nodes as the runtime's context."""
    graph = StateGraph(RunState, context_schema=RunContext)
    for name, node in (
        ("prepare", prepare),
        ("reason", reason),
        ("approve", approve),
        ("act", act),
        ("evaluate", evaluate),
        ("synthesize", synthesize),
    ):
        graph.add_node(name, node)
    graph.add_edge(START, "prepare")
    graph.add_edge("prepare", "reason")
    graph.add_conditional_edges("reason", _after_reason, ["approve", "act", "evaluate", "synthesize"])
    graph.add_edge("approve", "act")
    graph.add_edge("act", "evaluate")
    graph.add_edge("evaluate", "reason")
    graph.add_edge("synthesize", END)
    return graph.compile(checkpointer=saver)


async def _after_reason(state: RunState) -> str:  # LangGraph hands a plain function to a thread
    if state["pending"]:
        return "approve" if state.get("asks") else "act"
    return "evaluate" if state.get("steered") else "synthesize"
