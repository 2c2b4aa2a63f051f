"""A state diagram as SVG, whose edges show which transitions were met."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from pytest_amplifybackend._report.coverage.results import Part

_GAP, _WIDTH, _HEIGHT = 190, 90, 36
_STEP = 34


def diagram(parts: Sequence[Part]) -> str:
    """The transitions of one operation, a picture for each entity; unmet edges are dashed."""
    entities: dict[str, list[tuple[str, str, Part]]] = {}
    for part in parts:
        entity, _, move = part.name.partition(": ")
        source, _, target = move.removesuffix(" by failure").partition(" -> ")
        entities.setdefault(entity, []).append((source, target, part))
    return "\n".join(_picture(entity, moves) for entity, moves in entities.items())


def _picture(entity: str, moves: Sequence[tuple[str, str, Part]]) -> str:
    states = list(dict.fromkeys(state for source, target, _ in moves for state in (source, target)))
    arcs = list(_arcs(states, moves))
    room = max((height for height, _ in arcs), default=0) + 24
    width = _GAP * (len(states) - 1) + _WIDTH + 60
    nodes = "".join(_node(30 + _GAP * place, room, state) for place, state in enumerate(states))
    lines = "".join(_arc(text, room) for _, text in arcs)
    sentences = "; ".join(
        f"{part.name.partition(': ')[2]} {'met' if part.met else 'not met'}" for _, _, part in moves
    )
    return (
        f'<svg viewBox="0 0 {width} {room + _HEIGHT + 12}" width="{width}" role="img" '
        f'aria-label="{escape(f"Transitions of {entity}: {sentences}", quote=True)}">'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto-start-reverse"><path d="M0 0 L8 4 L0 8 z"/></marker></defs>'
        f"{nodes}{lines}</svg>"
    )


def _node(left: int, top: int, state: str) -> str:
    middle = left + _WIDTH / 2
    return (
        f'<rect class="node" x="{left}" y="{top}" width="{_WIDTH}" height="{_HEIGHT}" rx="8"/>'
        f'<text x="{middle:g}" y="{top + 23}" text-anchor="middle">{escape(state)}</text>'
    )


def _arcs(
    states: Sequence[str], moves: Iterable[tuple[str, str, Part]]
) -> Iterator[tuple[int, tuple[int, int, int, Part]]]:
    """For each edge how far it rises, and where it begins and ends; no two rise alike."""
    for number, (source, target, part) in enumerate(moves):
        rise = _STEP * (number + 1)
        center = 30 + _WIDTH // 2
        start, end = (center + _GAP * states.index(state) for state in (source, target))
        start, end = (start - 24, end + 24) if start == end else (start, end)
        shift = 6 * (number % 3) - 6
        yield rise, (start + shift, end + shift, rise, part)


def _arc(arc: tuple[int, int, int, Part], room: int) -> str:
    start, end, rise, part = arc
    kind = "" if part.met else ' class="unmet"'
    label = "failure" if part.name.endswith(" by failure") else "success"
    middle, top = (start + end) / 2, room - rise
    return (
        f'<path{kind} d="M{start} {room} C{start} {top} {end} {top} {end} {room}" '
        f'marker-end="url(#tip)"><title>{escape(part.name)}</title></path>'
        f'<text x="{middle:g}" y="{room - rise * 0.75 - 4:g}" text-anchor="middle">{label}</text>'
    )
