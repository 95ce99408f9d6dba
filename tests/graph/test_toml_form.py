from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hokan.errors import GraphError
from hokan.graph import Property, PropertyGraph
from hokan.graph.links import LINKS
from hokan.graph.property import TRANSFORMS

FILE = """\
[properties.melting_point_K]
transform = "log"
parents = ["debye_temperature_K", "bulk_modulus_GPa"]
link = "linear"
prior = { debye_temperature_K = 2.0 }

[properties.debye_temperature_K]
transform = "log"

[properties.bulk_modulus_GPa]
unit = "GPa"

[properties."relative density [%]"]
transform = "logit"
lower = 0
upper = 100
"""
GRAPH = PropertyGraph(
    (
        Property(
            "melting_point_K",
            transform="log",
            parents=("debye_temperature_K", "bulk_modulus_GPa"),
            link="linear",
            prior={"debye_temperature_K": 2.0},
        ),
        Property("debye_temperature_K", transform="log"),
        Property("bulk_modulus_GPa", unit="GPa"),
        Property("relative density [%]", transform="logit", lower=0, upper=100),
    )
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_reading_a_file(tmp_path: Path, encoding: str, newline: str) -> None:
    path = tmp_path / "graph.toml"
    path.write_text(FILE, encoding=encoding, newline=newline)
    assert PropertyGraph.from_toml(path) == PropertyGraph.from_toml(str(path)) == GRAPH


def test_reading_a_text() -> None:
    assert PropertyGraph.from_toml_text(FILE) == GRAPH


def test_writing_is_for_people() -> None:
    assert PropertyGraph.ladder("gap_pbe", "gap expt", transform="log").to_toml() == (
        "[properties.gap_pbe]\n"
        'quantity = "gap expt"\n'
        'transform = "log"\n'
        "\n"
        '[properties."gap expt"]\n'
        'quantity = "gap expt"\n'
        'transform = "log"\n'
        'parents = ["gap_pbe"]\n'
        'link = "linear"\n'
    )


def test_floors_discrepancies_and_measurement_errors_in_a_file() -> None:
    text = (
        "[properties.gap_pbe]\n"
        'transform = "identity"\n'
        "floor = 0.0\n"
        "\n"
        "[properties.gap_expt]\n"
        'transform = "identity"\n'
        'floor = "none"\n'
        'discrepancy = "linear"\n'
        "measurement_error = 0.1\n"
        'parents = ["gap_pbe"]\n'
        'link = "linear"\n'
    )
    graph = PropertyGraph(
        (
            Property("gap_pbe", floor=0),
            Property(
                "gap_expt",
                transform="identity",
                floor="none",
                discrepancy="linear",
                measurement_error=0.1,
                parents=("gap_pbe",),
                link="linear",
            ),
        )
    )
    assert PropertyGraph.from_toml_text(text) == graph
    assert graph.to_toml() == text
    # A whole number is a number, and a scale need not be written beside a floor.
    short = PropertyGraph.from_toml_text("[properties.gap_pbe]\nfloor = 0")
    assert short.find("gap_pbe") == graph.find("gap_pbe")


def test_links_formulas_categories_and_gross_errors_in_a_file() -> None:
    text = (
        "[properties.debye_temperature_K]\n"
        'transform = "log"\n'
        "gross_errors = 0.03\n"
        "\n"
        "[properties.structure]\n"
        'transform = "category"\n'
        "\n"
        "[properties.melting_point_K]\n"
        'transform = "log"\n'
        'gross_errors = "none"\n'
        'parents = ["debye_temperature_K", "structure"]\n'
        'link = { structure = "joint" }\n'
        'formula = "c * debye_temperature_K ** 2"\n'
    )
    graph = PropertyGraph(
        (
            Property("debye_temperature_K", transform="log", gross_errors=0.03),
            Property("structure", transform="category"),
            Property(
                "melting_point_K",
                transform="log",
                gross_errors="none",
                parents=("debye_temperature_K", "structure"),
                link={"structure": "joint"},
                formula="c * debye_temperature_K ** 2",
            ),
        )
    )
    assert PropertyGraph.from_toml_text(text) == graph
    assert graph.to_toml() == text


names = st.text(min_size=1, max_size=8) | st.text('"\\.[]#= \n\t\x00\x7f\u2028é', min_size=1)
numbers = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def graphs(draw: st.DrawFn) -> PropertyGraph:
    properties: list[Property] = []
    for name in draw(st.lists(names, min_size=1, max_size=5, unique=True)):
        above = [each.name for each in properties]
        parents = draw(st.lists(st.sampled_from(above), unique=True)) if above else []
        numeric = [
            each.name for each in properties if each.name in parents and not each.is_category
        ]
        link = draw(st.sampled_from(LINKS))
        if parents and draw(st.booleans()):
            link = {
                parent: draw(st.sampled_from(LINKS if parent in numeric else ("auto", "joint")))
                for parent in draw(st.lists(st.sampled_from(parents), unique=True))
            }
        transform = draw(st.sampled_from(TRANSFORMS))
        if transform == "category":
            properties.append(
                Property(name, transform=transform, parents=tuple(parents), link=link)
            )
            continue
        lower, upper = None, None
        if transform == "logit":
            lower, upper = sorted(draw(st.lists(numbers, min_size=2, max_size=2, unique=True)))
        floors = st.sampled_from(["auto", "none"])
        if transform in ("auto", "identity"):
            floors |= numbers
        informed = draw(st.lists(st.sampled_from(numeric), unique=True)) if numeric else []
        properties.append(
            Property(
                name,
                unit=draw(st.none() | st.text(max_size=4)),
                transform=transform,
                lower=lower,
                upper=upper,
                parents=tuple(parents),
                link=link,
                prior={parent: draw(numbers) for parent in informed},
                floor=draw(floors),
                discrepancy=draw(st.sampled_from(["gaussian process", "linear", "none"])),
                measurement_error=draw(
                    st.sampled_from(["given", "learned"])
                    | st.floats(0, exclude_min=True, allow_infinity=False)
                ),
                gross_errors=draw(
                    st.sampled_from(["auto", "none"])
                    | st.floats(0, 0.5, exclude_min=True, exclude_max=True)
                ),
            )
        )
    return PropertyGraph(tuple(draw(st.permutations(properties))))


@settings(deadline=None)
@given(graph=graphs())
def test_what_is_written_reads_back_equal(graph: PropertyGraph) -> None:
    assert PropertyGraph.from_toml_text(graph.to_toml()) == graph


@settings(deadline=None)
@given(graph=graphs())
def test_what_is_written_survives_a_file(
    graph: PropertyGraph, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("graphs") / "graph.toml"
    path.write_text(graph.to_toml(), encoding="utf-8")
    assert PropertyGraph.from_toml(path) == graph


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "g.toml: no property found; a graph file has one table [properties.NAME]"),
        ("properties = 3", "g.toml: no property found"),
        ("[properties]", "g.toml: no property found"),
        (
            "[property.a]",
            "g.toml: key 'property' is not known (did you mean \"properties\"?)",
        ),
        ("[properties]\na = 3", "property 'a': expected a table [properties.a], found 3"),
        (
            '[properties.a]\ntransfrom = "log"',
            "g.toml: property 'a': key 'transfrom' is not known (did you mean \"transform\"?); "
            "keys are unit, transform, lower, upper, parents, link, prior, floor, discrepancy, "
            "measurement_error, quantity, formula, gross_errors",
        ),
        (
            '[properties.gap.eV]\ntransform = "log"',
            'a property name with a dot needs quotes: [properties."gap.eV"]',
        ),
        (
            '[properties.a]\nparents = ["b"]\nlink = { b = "smoth" }',
            "g.toml: property 'a': link of 'b' = \"smoth\" is not known (did you mean",
        ),
        (
            '[properties.a]\ntransform = "Log"',
            'g.toml: property \'a\': transform = "Log" is not known (did you mean "log"',
        ),
        (
            '[properties.a]\nfloor = "zero"',
            "g.toml: property 'a': floor = \"zero\" is not known; choose from",
        ),
        ("[properties.a]\nmeasurement_error = -1", "g.toml: property 'a': measurement_error must"),
        (
            "[properties.a]\nmeasurement_errors = 0.1",
            "key 'measurement_errors' is not known (did you mean \"measurement_error\"?)",
        ),
        ('[properties.a]\nparents = "b"', "g.toml: property 'a': parents must be a list"),
        ("[properties.a]\nprior = 2", "g.toml: property 'a': prior must be a table"),
        ('[properties.a]\nparents = ["b"]', "g.toml: property 'a': parents names 'b', which"),
        (
            '[properties.a]\nparents = ["b"]\n[properties.b]\nparents = ["a"]',
            "g.toml: properties depend on each other in a cycle: a → b → a",
        ),
        ("[properties.a]\n\ntransform = log", "g.toml: not valid TOML: Invalid value (at line 3"),
        ("[properties.a]\n[properties.a]", "g.toml: not valid TOML: Cannot declare"),
        (
            "[properties.a]\n[properties.band gap]",
            "a name with spaces, brackets or other signs is written in double quotes",
        ),
    ],
)
def test_messages_name_file_property_and_key(text: str, message: str) -> None:
    with pytest.raises(GraphError) as caught:
        PropertyGraph.from_toml_text(text, source="g.toml")
    assert str(caught.value).startswith("g.toml: ")
    assert message in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(GraphError, match=r"absent\.toml: there is no such graph file"):
        PropertyGraph.from_toml(tmp_path / "absent.toml")
    with pytest.raises(GraphError, match="cannot be read: Is a directory"):
        PropertyGraph.from_toml(tmp_path)
    with pytest.raises(GraphError, match="cannot be read: embedded null"):
        PropertyGraph.from_toml("a\0b")
    latin = tmp_path / "latin.toml"
    latin.write_bytes('# one\n[properties."Härte"]'.encode("latin-1"))
    with pytest.raises(GraphError, match=r"latin\.toml, line 2: graph files are UTF-8"):
        PropertyGraph.from_toml(latin)


def test_a_text_given_as_a_path_is_recognised() -> None:
    with pytest.raises(GraphError, match="from_toml_text"):
        PropertyGraph.from_toml(FILE)
