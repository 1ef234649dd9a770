# SPDX-License-Identifier: GPL-2.0-or-later
"""Read the body of an execution: inputs checked against their schemas before anything starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from geoapi.errors import InvalidDocumentError, Problem
from geoapi.json_documents import faults, make_validator, refuse_unkeepable
from geoapi.ogc.bodies import unknown_member
from geoapi.process_model import Process, ProcessInput
from geoapi.types import JsonObject

# ``mode`` belonged to a draft, and many clients still send it.
_MEMBERS = ("inputs", "outputs", "response", "mode", "subscriber")
_RESPONSES = ("raw", "document")


@dataclass(frozen=True)
class Execution:
    """What a client wants to have run.

    Attributes:
        inputs: complete, with defaults.
        outputs: names of the outputs wanted.
        is_document: whether results come as one JSON document.
    """

    inputs: JsonObject
    outputs: tuple[str, ...]
    is_document: bool

    @property
    def wanted(self) -> JsonObject:
        """Return what is kept with a job."""
        return {"outputs": list(self.outputs), "is_document": self.is_document}


def read_execution(process: Process, body: JsonObject) -> Execution:
    """Read and check the body of an execution.

    Raises:
        InvalidDocumentError: with a JSON pointer for each thing that is wrong.
    """
    refuse_unkeepable(body)
    problems = [unknown_member(name) for name in body if name not in _MEMBERS]
    inputs = _unwrapped(process, body.get("inputs", {}))
    problems += _input_problems(process, inputs)
    problems += _output_problems(process, body.get("outputs"))
    response = body.get("response", "raw")
    if response not in _RESPONSES:
        problems.append(Problem("document.enum", "/response", params={"wanted": "raw, document"}))
    if "subscriber" in body:
        problems.append(Problem("jobs.no_callback", "/subscriber"))
    if problems:
        raise InvalidDocumentError("jobs.invalid_inputs", problems=tuple(problems))
    defaults = {
        name: one.schema["default"]
        for name, one in process.inputs.items()
        if "default" in one.schema
    }
    outputs = tuple(body["outputs"]) if body.get("outputs") else tuple(process.outputs)
    return Execution(defaults | inputs, outputs, response == "document")


def _unwrapped(process: Process, inputs: Any) -> Any:  # noqa: ANN401 - any JSON
    """Take values out of the {value} in which OGC API Processes lets them be wrapped."""
    if not isinstance(inputs, dict):
        return inputs
    return {
        name: value["value"]
        if isinstance(value, dict)
        and "value" in value
        and name in process.inputs
        and process.inputs[name].schema.get("type") != "object"
        else value
        for name, value in inputs.items()
    }


def _input_problems(process: Process, inputs: Any) -> Iterator[Problem]:  # noqa: ANN401
    if isinstance(inputs, dict):
        for name, value in inputs.items():
            if name not in process.inputs:
                yield unknown_member(name, "/inputs")
            elif isinstance(value, dict) and "href" in value:
                yield Problem("jobs.no_reference", f"/inputs/{name}")
    for problem in faults(make_validator(inputs_schema(process)), inputs):
        pointer = f"/inputs{problem.pointer}"
        yield Problem(problem.message_id, pointer, params=problem.params)


def inputs_schema(process: Process) -> JsonObject:
    """Return the JSON Schema of the inputs as a whole."""
    required = [name for name, one in process.inputs.items() if one.required]
    return {
        "type": "object",
        "properties": {name: value_schema(one) for name, one in process.inputs.items()},
        "required": required,
    }


def value_schema(one: ProcessInput) -> JsonObject:
    """Return the schema of what stands under the input's name."""
    if one.most == 1:
        return one.schema
    return {"type": "array", "items": one.schema, "maxItems": one.most}


def _output_problems(process: Process, outputs: Any) -> Iterator[Problem]:  # noqa: ANN401
    if outputs is None:
        return
    if not isinstance(outputs, dict):
        yield Problem("document.type", "/outputs", params={"wanted": "object"})
        return
    for name, asked in outputs.items():
        if name not in process.outputs:
            yield unknown_member(name, "/outputs")
        elif not isinstance(asked, dict):
            yield Problem("document.type", f"/outputs/{name}", params={"wanted": "object"})
        else:
            yield from _format_problems(process, name, asked)


def _format_problems(process: Process, name: str, asked: JsonObject) -> Iterator[Problem]:
    if asked.get("transmissionMode", "value") != "value":
        pointer = f"/outputs/{name}/transmissionMode"
        yield Problem("document.enum", pointer, params={"wanted": "value"})
    wanted = asked.get("format")
    if not isinstance(wanted, dict) or "mediaType" not in wanted:
        return
    offered = process.outputs[name].media_type
    if wanted["mediaType"] != offered:
        pointer = f"/outputs/{name}/format/mediaType"
        yield Problem("document.enum", pointer, params={"wanted": offered})
