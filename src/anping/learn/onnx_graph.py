"""Writing an ONNX graph node by node, in doubles: what every part of a model is written with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anping.core.errors import MissingExtraError
from anping.core.text import Text

#: Operators of ONNX and of its classical models; the latter has trees in doubles from 5 on.
OPSET, TREES_OPSET, IR = 18, 5, 9
TREES = "ai.onnx.ml"


def onnx_library() -> Any:
    """Return the library that writes ONNX. Raises MissingExtraError where it is not installed."""
    try:
        import onnx
    except ImportError as problem:
        raise MissingExtraError.of("onnx", needed_for=Text("ONNX 匯出", "ONNX export")) from problem
    return onnx


@dataclass(eq=False)
class Graph:
    """Nodes and constants in the order in which they were added; every value has a name of its own."""

    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)

    def constant(self, array: NDArray[Any] | np.generic | float) -> str:
        """Add a constant and return its name; texts are an array of objects."""
        name = f"/c{len(self.constants)}"
        found = np.asarray(array)
        numbers = onnx_library().numpy_helper
        self.constants.append(numbers.from_array(found, name))
        return name

    def tensor(self, array: NDArray[Any]) -> Any:
        """Return an array as an attribute."""
        return onnx_library().numpy_helper.from_array(np.asarray(array), "values")

    def add(
        self, kind: str, inputs: Sequence[str], *, domain: str = "", into: str = "", **told: Any
    ) -> str:
        """Add a node of one output and return the output's name."""
        name = into or f"/v{len(self.nodes)}"
        made = onnx_library().helper.make_node(kind, list(inputs), [name], domain=domain, **told)
        self.nodes.append(made)
        return name

    def double(self, value: str) -> str:
        """Add a cast to doubles."""
        return self.add("Cast", [value], to=onnx_library().TensorProto.DOUBLE)

    def whole(self, value: str) -> str:
        """Add a cast to whole numbers; what is after the point is cut off."""
        return self.add("Cast", [value], to=onnx_library().TensorProto.INT64)

    def where(self, condition: str, yes: str, no: str) -> str:
        """Add a choice."""
        return self.add("Where", [condition, yes, no])

    def file(
        self, inputs: Mapping[str, str], outputs: Mapping[str, int | None], told: Mapping[str, str]
    ) -> bytes:
        """Return the model file: ``inputs`` are ``double`` or ``string``, ``outputs`` have a width."""
        onnx = onnx_library()
        kinds = {"double": onnx.TensorProto.DOUBLE, "string": onnx.TensorProto.STRING}
        helper = onnx.helper
        graph = helper.make_graph(
            self.nodes,
            "anping",
            [
                helper.make_tensor_value_info(name, kinds[kind], ["rows", 1])
                for name, kind in inputs.items()
            ],
            [
                helper.make_tensor_value_info(
                    name, kinds["double"], ["rows"] if width is None else ["rows", width]
                )
                for name, width in outputs.items()
            ],
            self.constants,
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(TREES, TREES_OPSET)]
        model = helper.make_model(
            graph, opset_imports=opsets, ir_version=IR, producer_name="anping"
        )
        helper.set_model_props(model, dict(told))
        onnx.checker.check_model(model)
        content: bytes = model.SerializeToString(deterministic=True)
        return content
